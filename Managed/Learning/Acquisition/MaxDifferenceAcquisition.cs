using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>The pairs whose rewards lie furthest apart: largest |r[a] − r[b]| (MATH.md §4; paper, eq. 6).</summary>
public sealed class MaxDifferenceAcquisition : IAcquisition
{
    /// <inheritdoc/>
    public string Name => "maxdiff";

    /// <inheritdoc/>
    public string Description => "pairs whose rewards lie furthest apart";

    /// <inheritdoc/>
    public PrecisionMatrix? Score(AcquisitionContext context, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(score_n);
        RewardGaps.Write(context, score_n, gap => gap);
        return null;
    }
}
