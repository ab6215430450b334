using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>The pairs whose rewards lie furthest apart: largest |r[a] − r[b]| (MATH.md §4; paper, eq. 6).</summary>
internal sealed class MaxDifferenceAcquisition : IAcquisition
{
    /// <inheritdoc/>
    public string Name => "maxdiff";

    /// <inheritdoc/>
    public string Description => "pairs whose rewards lie furthest apart";

    /// <inheritdoc/>
    public Inputs Inputs => Inputs.Rewards;

    /// <inheritdoc/>
    public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(score_n);
        RewardGaps.Write(problem, score_n, gap => gap);
        return null;
    }
}
