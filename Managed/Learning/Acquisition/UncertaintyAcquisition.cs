using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Acquisition;

/// <summary>The pairs whose reward gap is known worst: largest standard error √(δᵀM⁻¹δ), M = λ1 + I_past from the labelled pairs alone.</summary>
/// <remarks>
/// The arm pair of largest variance in a linear duelling bandit (Saha 2021; Das et al. 2024, active preference optimisation), here in the
/// last layer's features. With nothing labelled M = λ1, and the longest δ come first. The order is that of the square.
/// </remarks>
public sealed class UncertaintyAcquisition : IAcquisition
{
    /// <inheritdoc/>
    public string Name => "uncertainty";

    /// <inheritdoc/>
    public string Description => "pairs whose reward gap the labelled ones leave most uncertain";

    /// <inheritdoc/>
    public bool NeedsPast => true;

    /// <inheritdoc/>
    public bool NeedsRidge => true;

    /// <inheritdoc/>
    public PrecisionMatrix? Score(AcquisitionContext context, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(context);
        Backend backend = context.Backend;
        int d = context.Features.Columns, n = context.Candidates.Count;
        PrecisionMatrix precision = PastInformation.Of(context.Past) is { } past ? new(d, context.Ridge, past) : new(d, context.Ridge);
        var ones = new float[n];
        Array.Fill(ones, 1);
        using DeviceArray<float> one_n = backend.Upload<float>(ones, n);
        using DeviceArray<double> inverse = backend.Upload(precision.InverseCholesky, d, d);
        using DeviceArray<double> z = backend.Allocate<double>(context.Features.Rows, d);
        backend.Whiten(context.Features, inverse, z);
        backend.LogDetGradient(context.Candidates, z, one_n, score_n);
        return precision;
    }

    /// <summary>√(δᵀM⁻¹δ), in the unit of the rewards, from its square.</summary>
    public double Value(float score) => Math.Sqrt(score);
}
