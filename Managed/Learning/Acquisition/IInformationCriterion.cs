using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>A strategy that raises log det of a sum of information, M = λ1 + past + Σ v δδᵀ: what optimisers of a batch maximise and certificates bound.</summary>
public interface IInformationCriterion : IAcquisition
{
    /// <inheritdoc/>
    bool IAcquisition.NeedsRidge => true;

    /// <summary>v [n], the weight of each candidate's δδᵀ; the caller disposes it.</summary>
    DeviceArray<float> Weights(AcquisitionContext context);

    /// <summary>Information there is before the batch, [d, d] row by row, or null for none.</summary>
    double[]? Past(AcquisitionContext context);
}
