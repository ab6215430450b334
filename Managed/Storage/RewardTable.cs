using FisherKernels.Learning;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Storage;

/// <summary>Golden rewards, one for each row of a pool.</summary>
public static class RewardTable
{
    /// <summary>Reads r* [R] as float64 from .npy of shape (prompts, responses, 1), (prompts, responses) or (R).</summary>
    /// <exception cref="InputException">Another shape than the pool's, or a reward that is not finite.</exception>
    public static double[] Read(string path, EmbeddingPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        using NpyFile file = NpyFile.Open(path);

        // A transposed table has as many numbers and would give every response another's reward.
        long[] shape = [.. file.Shape], own = shape is [.., 1] && shape.Length > 1 ? shape[..^1] : shape;
        if (file.Count != pool.Responses || (own.Length > 1 && !IsOf(own, pool)))
        {
            throw new InputException(
                $"{path} has {file.Count} rewards, shape ({string.Join(", ", shape)}), and {pool.Name} has {pool.Responses} "
                + $"responses, ({string.Join(", ", pool.Layout)}), of {pool.Prompts} {(pool.Prompts == 1 ? "prompt" : "prompts")}; "
                + "expected one reward for each, in the same order and prompts.");
        }

        var rewards = new double[file.Count];
        file.ReadDoubles(0, rewards);
        int broken = Array.FindIndex(rewards, reward => !double.IsFinite(reward));
        return broken < 0
            ? rewards
            : throw new InputException(FormattableString.Invariant(
                $"{path}: the reward of row {broken} ({pool.Place(broken)}) is {rewards[broken]}; rewards must be finite."));
    }

    // Embeddings without an axis of prompts fit rewards with one where the rows' prompts are that axis.
    private static bool IsOf(long[] shape, EmbeddingPool pool) => pool.Layout.Count > 1
        ? shape.SequenceEqual(pool.Layout)
        : shape.Length == 2 && Enumerable.Range(0, pool.Responses).All(row => pool.PromptOf(row) == row / shape[1]);
}
