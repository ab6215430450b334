using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Acquisition;

/// <summary>Past-aware D-optimal: D-optimal beside the information of all pairs labelled so far, under the current model (MATH.md §3).</summary>
public sealed class PastAwareDOptimalAcquisition : IAcquisition
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
        using DeviceArray<float> v = FisherDesign.Variances(context.Candidates, context.Rewards);
        double[]? fisherPast = null;
        if (context.Past is { } past)
        {
            using DeviceArray<float> vPast = FisherDesign.Variances(past.Graph, past.Rewards);
            fisherPast = FisherDesign.Information(past.Graph, past.Features, vPast);
        }

        return FisherDesign.LogDetGradient(context.Candidates, context.Features, v, fisherPast, context.Ridge, score_n);
    }
}
