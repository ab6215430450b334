using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Acquisition;

/// <summary>D-optimal: the pairs whose weight raises log det of the Fisher information fastest (MATH.md §3; paper, eq. 4, 8–10).</summary>
public sealed class DOptimalAcquisition : IInformationCriterion
{
    /// <inheritdoc/>
    public string Name => "dopt";

    /// <inheritdoc/>
    public string Description => "pairs that add most Fisher information";

    /// <inheritdoc/>
    public PrecisionMatrix? Score(AcquisitionContext context, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(context);
        using DeviceArray<float> v = Weights(context);
        return FisherDesign.LogDetGradient(context.Candidates, context.Features, v, null, context.Ridge, score_n);
    }

    /// <inheritdoc/>
    public DeviceArray<float> Weights(AcquisitionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return FisherDesign.Variances(context.Candidates, context.Rewards);
    }

    /// <inheritdoc/>
    public double[]? Past(AcquisitionContext context) => null;
}
