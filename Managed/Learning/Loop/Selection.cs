using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Loop;

/// <summary>The pairs to be compared next, best first.</summary>
/// <param name="Round">Counted from 0.</param>
/// <param name="Pairs">c pairs of rows of the pool; fewer only where there are no more candidates, or limits or a budget let no more be found.</param>
/// <param name="Scores">Their scores in the unit of the strategy.</param>
/// <param name="Strategy">What chose them.</param>
/// <param name="Candidates">n, how many they were chosen from.</param>
/// <param name="Precision">The precision matrix behind the scores, or null.</param>
/// <param name="Seconds">Wall time, drawing of candidates and features included.</param>
public sealed record Selection(
    int Round, Pair[] Pairs, double[] Scores, string Strategy, int Candidates, PrecisionMatrix? Precision, double Seconds)
{
    /// <summary>What the candidates were drawn from, and what was left out; null where nothing was drawn.</summary>
    public DrawnCandidates? Drawn { get; init; }

    /// <summary>How much of the best batch's information this one is proven to have; null for a strategy that maximises no log det, and where no candidate has any information.</summary>
    public Certificate? Certificate { get; init; }

    /// <summary>How the proof that was asked for ended; null where none was.</summary>
    public Proof? Proof { get; init; }
}
