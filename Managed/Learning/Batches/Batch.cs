using FisherKernels.Kernels;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Learning.Batches;

/// <summary>Pairs chosen to be compared next, the one to be asked first in front.</summary>
/// <param name="Pairs">[c], each two indices of responses: rows of the features, or of the pool where one was asked.</param>
/// <param name="Values">[c], what each is worth in the strategy's own unit (nats, log det per unit weight, …).</param>
/// <param name="Indices">[c], which of the listed candidates they are; empty where every pair is a candidate and none is listed.</param>
/// <param name="Precision">M behind the values, for an optimised batch M of the batch itself; null for a strategy without one.</param>
/// <remarks>Immutable; two batches are equal where their arrays are the same objects.</remarks>
public sealed record Batch(Pair[] Pairs, double[] Values, int[] Indices, PrecisionMatrix? Precision = null)
{
    /// <summary>
    /// How much of the best batch's information this one is proven to have; null for a strategy that maximises no log det, where M
    /// before the batch is
    /// singular, and where no candidate has any information.
    /// </summary>
    public Certificate? Certificate { get; init; }

    /// <summary>How the proof that was asked for ended; null where none was.</summary>
    public Proof? Proof { get; init; }

    /// <summary>How often all pairs were gone through, where every pair is a candidate; else 0.</summary>
    public int Passes { get; init; }

    /// <summary>
    /// Whether, where every pair is a candidate, it is proven that no exchange of one pair for any other gains more than the
    /// tolerance, to the rounding
    /// of g to float32; false where nobody looked.
    /// </summary>
    public bool IsLocalOptimum { get; init; }

    /// <summary>The name of the strategy that chose; empty where none was asked.</summary>
    public string Strategy { get; init; } = "";

    /// <summary>n, how many candidates there were.</summary>
    public long CandidateCount { get; init; }

    /// <summary>What the candidates were drawn from, and what was left out; null where nothing was drawn.</summary>
    public DrawnCandidates? Drawn { get; init; }

    /// <summary>The round of a learner that asked, from 0.</summary>
    public int Round { get; init; }

    /// <summary>Wall time in seconds, drawing of candidates and features included; 0 where nobody measured.</summary>
    public double Seconds { get; init; }

    /// <summary>A batch without a pair.</summary>
    internal static Batch Empty { get; } = new([], [], []);
}
