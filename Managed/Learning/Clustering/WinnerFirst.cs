using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;

namespace FisherKernels.Learning.Clustering;

/// <summary>The order within pairs that are clustered.</summary>
internal static class WinnerFirst
{
    /// <summary>The candidates with the predicted winner first, the lower row where both are predicted alike.</summary>
    /// <remarks>Which response stands first in a pair is arbitrary; a point that changed its sign with it would cluster arbitrarily.</remarks>
    public static Rented<Pair> Of(AcquisitionContext context)
    {
        ReadOnlySpan<float> r = (context.Rewards.OnHost ?? context.Rewards.ToArray()).Span;
        ReadOnlySpan<Pair> pairs = (context.Candidates.Pairs.OnHost ?? context.Candidates.Pairs.ToArray()).Span;
        var rented = new Rented<Pair>(pairs.Length);
        Span<Pair> turned = rented.Span;
        for (int i = 0; i < pairs.Length; i++)
        {
            // Half of them turn, at random: no branch foresees which.
            (int a, int b) = (pairs[i].First, pairs[i].Second);
            int turns = (r[a] < r[b] ? -1 : 0) | (r[a] == r[b] && a > b ? -1 : 0), both = (a ^ b) & turns;
            turned[i] = new Pair(a ^ both, b ^ both);
        }

        return rented;
    }
}
