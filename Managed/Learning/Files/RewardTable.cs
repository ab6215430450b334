using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Files;

/// <summary>Golden rewards, one for each row of a pool.</summary>
public static class RewardTable
{
    /// <summary>Reads r* [R] from .npy of shape (prompts, responses, 1), (prompts, responses) or (R).</summary>
    /// <exception cref="InputException">Another number of rewards than the pool has rows, or one that is not finite.</exception>
    public static float[] Read(string path, EmbeddingPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        using NpyFile file = NpyFile.Open(path);
        if (file.Count != pool.Responses)
        {
            throw new InputException(
                $"{path} has {file.Count} rewards (shape {string.Join("×", file.Shape)}), the embeddings {pool.Responses} responses; expected one reward each.");
        }

        var rewards = new float[file.Count];
        file.ReadSingles(0, rewards);
        int broken = Array.FindIndex(rewards, reward => !float.IsFinite(reward));
        return broken < 0
            ? rewards
            : throw new InputException(FormattableString.Invariant($"{path}: reward {broken} is {rewards[broken]}; rewards must be finite."));
    }
}
