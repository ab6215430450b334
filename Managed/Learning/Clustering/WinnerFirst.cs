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
        float[] r = context.Rewards.ToArray();
        var rented = new Rented<Pair>(context.Candidates.Count);
        Span<Pair> pairs = rented.Span;
        context.Candidates.Pairs.CopyTo(pairs);
        for (int i = 0; i < pairs.Length; i++)
        {
            (int a, int b) = (pairs[i].First, pairs[i].Second);
            if (r[a] < r[b] || r[a] == r[b] && a > b)
            {
                pairs[i] = new Pair(b, a);
            }
        }

        return rented;
    }
}
