using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>The pairs whose weight raises a log det of information fastest: g = v δᵀM⁻¹δ (MATH.md §3; paper, eq. 4, 7–10).</summary>
/// <param name="name">As users write it.</param>
/// <param name="description">For people who choose.</param>
/// <param name="criterion">Which log det.</param>
internal sealed class DOptimalAcquisition(string name, string description, LogDetCriterion criterion) : IAcquisition
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Description => description;

    /// <inheritdoc/>
    public Inputs Inputs => Inputs.Features | Inputs.Ridge
        | (criterion.IsWeighted ? Inputs.Rewards : Inputs.None) | (criterion.IsPastAware ? Inputs.Past : Inputs.None);

    /// <inheritdoc/>
    public LogDetCriterion? Criterion => criterion;

    /// <inheritdoc/>
    public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return problem.Information(criterion).Score(score_n);
    }
}
