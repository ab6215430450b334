using FisherKernels.Bench.Peers;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>What an optimiser chose, how long it took, and what can be proven of it.</summary>
/// <param name="Name">Of the optimiser, or random.</param>
/// <param name="Milliseconds">Of choosing, each repetition; none where nothing is searched.</param>
/// <param name="LogDet">log det M, in nats; of random batches the mean.</param>
/// <param name="Own">D-efficiency that the batch's own gradient proves, in [0, 1]: one without information in some direction
/// underflows to 0.</param>
/// <param name="OwnMilliseconds">Of that proof, each repetition.</param>
/// <param name="Tight">D-efficiency that the relaxation proves at the end.</param>
/// <param name="Bound">The relaxation's upper bound of log det M, in nats.</param>
/// <param name="Reached">log det M of the relaxation, in nats: no proof by concavity has a smaller bound.</param>
/// <param name="Steps">Of the relaxation.</param>
/// <param name="TightMilliseconds">Of the relaxation, each repetition.</param>
/// <param name="Proofs">Attempts to prove given efficiencies.</param>
/// <param name="Batch">How the batch looks.</param>
internal sealed record BatchCell(
    string Name, double[] Milliseconds, double LogDet, double Own, double[] OwnMilliseconds, double Tight, double Bound, double Reached,
        int Steps,
    double[] TightMilliseconds, IReadOnlyList<ProofTime> Proofs, BatchLook Batch)
{
    /// <summary>Of choosing, in milliseconds; NaN where nothing is searched.</summary>
    public double Median => Middle(Milliseconds);

    /// <summary>The median; NaN of nothing.</summary>
    public static double Middle(double[] milliseconds) => milliseconds.Length == 0 ? double.NaN : PairedTiming.Quantile(milliseconds, 0.5);
}

/// <summary>An attempt to prove an efficiency.</summary>
/// <param name="Efficiency">What was to be proven.</param>
/// <param name="Ended">How it ended.</param>
/// <param name="Milliseconds">Of the attempt, each repetition; choosing is not in them.</param>
internal sealed record ProofTime(double Efficiency, Proof Ended, double[] Milliseconds);

/// <summary>The pairs of a batch beside each other; of random batches the means.</summary>
/// <param name="Responses">Different responses in it, at most 2c.</param>
/// <param name="Distance">Mean distance of its pairs' z = L⁻¹δ, M of all candidates = L Lᵀ; a pair has no direction.</param>
/// <param name="Closest">Mean over its pairs of the largest |cos| between z and that of another pair of the batch: 1 where each has
/// one that asks the same.</param>
/// <param name="SharedWithTop">Share of its pairs that the largest gradients have too.</param>
internal sealed record BatchLook(double Responses, double Distance, double Closest, double SharedWithTop);
