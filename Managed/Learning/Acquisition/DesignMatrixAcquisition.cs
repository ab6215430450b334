using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Acquisition;

/// <summary>det(XᵀX): D-optimal with v = 1, the design of a linear regression on the features (MATH.md §3; paper, eq. 7).</summary>
public sealed class DesignMatrixAcquisition : IInformationCriterion
{
    /// <inheritdoc/>
    public string Name => "xtx";

    /// <inheritdoc/>
    public string Description => "pairs that raise det(XᵀX) fastest, whatever the model predicts";

    /// <inheritdoc/>
    public bool NeedsRewards => false;

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
        var ones = new float[context.Candidates.Count];
        Array.Fill(ones, 1);
        return context.Backend.Upload<float>(ones, ones.Length);
    }

    /// <inheritdoc/>
    public double[]? Past(AcquisitionContext context) => null;
}
