using FisherKernels.Kernels;

namespace FisherKernels.Learning.Clustering;

/// <summary>The order within pairs that are clustered.</summary>
internal static class WinnerFirst
{
    /// <summary>The pairs with the predicted winner first, the lower row where both are predicted alike.</summary>
    /// <remarks>
    /// Which response stands first in a pair is arbitrary; a point that changed its sign with it would cluster arbitrarily.
    /// </remarks>
    /// <param name="pairs">n pairs of rows.</param>
    /// <param name="rewards">Rewards [R] of the rows.</param>
    public static Pair[] Order(ReadOnlySpan<Pair> pairs, ReadOnlySpan<float> rewards)
    {
        var ordered = new Pair[pairs.Length];
        for (int i = 0; i < pairs.Length; i++)
        {
            (int a, int b) = (pairs[i].First, pairs[i].Second);
            bool turns = rewards[a] < rewards[b] || (rewards[a] == rewards[b] && a > b);
            ordered[i] = turns ? new Pair(b, a) : pairs[i];
        }

        return ordered;
    }
}
