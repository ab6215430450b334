using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>The pairs whose reward gap is known worst: largest standard error √(δᵀM⁻¹δ), M = λ1 + I_past from the labelled pairs
/// alone.</summary>
/// <remarks>
/// The arm pair of largest variance in a linear duelling bandit (Saha 2021; Das et al. 2024, active preference optimisation), here in the
/// last layer's features. With nothing labelled M = λ1, and the longest δ come first. The order is that of the square.
/// </remarks>
internal sealed class UncertaintyAcquisition : IAcquisition
{
    /// <inheritdoc/>
    public string Name => "uncertainty";

    /// <inheritdoc/>
    public string Description => "pairs whose reward gap the labelled ones leave most uncertain";

    /// <inheritdoc/>
    public Inputs Inputs => Inputs.Features | Inputs.Past | Inputs.Ridge;

    /// <inheritdoc/>
    public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Backend backend = problem.Backend;
        int d = problem.Features.Columns;
        PrecisionMatrix precision = problem.PastInformationOnHost is { } past ? new(d, problem.Ridge, past) : new(d, problem.Ridge);
        using DeviceArray<double> inverse = backend.Upload(precision.InverseCholesky, d, d);
        using DeviceArray<double> z = backend.Allocate<double>(problem.Features.Rows, d);
        backend.Whiten(problem.Features, inverse, z);
        backend.LogDetGradient(problem.Candidates, z, problem.Ones, score_n);
        return precision;
    }

    /// <summary>√(δᵀM⁻¹δ), in the unit of the rewards, from its square.</summary>
    public double Value(float score) => Math.Sqrt(score);
}
