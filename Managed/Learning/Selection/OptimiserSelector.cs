using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Learning.Selection;

/// <summary>The batch that an optimiser finds for the log det of which the scores are the gradient.</summary>
/// <param name="Optimiser">What looks for the best batch as a whole.</param>
internal sealed record OptimiserSelector(IBatchOptimiser Optimiser) : IBatchSelector
{
    /// <inheritdoc/>
    public string Name => Optimiser.Name;

    /// <inheritdoc/>
    public bool TakesTime => Optimiser.TakesTime;

    /// <inheritdoc/>
    public Batch Select(CandidateProblem problem, IAcquisition acquisition, BatchRequest request) =>
        problem.LogDet(Criterion(acquisition), request).Optimise(Optimiser, request.Effort);

    /// <inheritdoc/>
    public void RequireFits(IAcquisition acquisition) => Criterion(acquisition);

    private LogDetCriterion Criterion(IAcquisition acquisition) => acquisition.Criterion ?? throw new InputException(
        $"{acquisition.Name} maximises no log det of information, so {Name} has nothing to optimise; it goes with "
        + string.Join(", ", Strategy.Known.Where(known => known.Acquisition.Criterion is not null).Select(known => known.Name)) + ".");
}
