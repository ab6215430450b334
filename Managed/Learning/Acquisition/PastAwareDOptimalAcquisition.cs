using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Acquisition;

/// <summary>Past-aware D-optimal: D-optimal beside the information of all pairs labelled so far, under the current model (MATH.md §3).</summary>
public sealed class PastAwareDOptimalAcquisition : IInformationCriterion
{
    /// <inheritdoc/>
    public string Name => "padopt";

    /// <inheritdoc/>
    public string Description => "pairs that add most Fisher information to what the labelled ones gave";

    /// <inheritdoc/>
    public bool NeedsPast => true;

    /// <inheritdoc/>
    public PrecisionMatrix? Score(AcquisitionContext context, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(context);
        using DeviceArray<float> v = Weights(context);
        return FisherDesign.LogDetGradient(context.Candidates, context.Features, v, Past(context), context.Ridge, score_n);
    }

    /// <inheritdoc/>
    public DeviceArray<float> Weights(AcquisitionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return FisherDesign.Variances(context.Candidates, context.Rewards);
    }

    /// <inheritdoc/>
    public double[]? Past(AcquisitionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return PastInformation.Of(context.Past);
    }
}
