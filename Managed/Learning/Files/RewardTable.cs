using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Files;

/// <summary>Golden rewards, one for each row of a pool.</summary>
public static class RewardTable
{
    /// <summary>Reads r* [R] from .npy of shape (prompts, responses, 1), (prompts, responses) or (R).</summary>
    /// <exception cref="InputException">Another shape than the pool's, or a reward that is not finite.</exception>
    public static float[] Read(string path, EmbeddingPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        using NpyFile file = NpyFile.Open(path);

        // A transposed table has as many numbers and would give every response another's reward.
        long[] shape = [.. file.Shape], own = shape is [.., 1] && shape.Length > 1 ? shape[..^1] : shape;
        if (file.Count != pool.Responses || (own.Length > 1 && pool.Layout.Count > 1 && !own.SequenceEqual(pool.Layout)))
        {
            throw new InputException(
                $"{path} has {file.Count} rewards, shape ({string.Join(", ", shape)}), and {pool.Name} has {pool.Responses} responses, ({string.Join(", ", pool.Layout)}); expected one reward for each, in the same order.");
        }

        var rewards = new float[file.Count];
        file.ReadSingles(0, rewards);
        int broken = Array.FindIndex(rewards, reward => !float.IsFinite(reward));
        return broken < 0
            ? rewards
            : throw new InputException(FormattableString.Invariant(
                $"{path}: the reward of row {broken} ({pool.Place(broken)}) is {rewards[broken]}; rewards must be finite."));
    }
}
