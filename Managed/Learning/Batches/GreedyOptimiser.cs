namespace FisherKernels.Learning.Batches;

/// <summary>One pair after the other, each the best beside those before it; log det is submodular, so at least 1 − 1/e of what a
/// batch can add to log det M₀ (Nemhauser 1978).</summary>
internal sealed class GreedyOptimiser : IBatchOptimiser
{
    /// <inheritdoc/>
    public string Name => "greedy";

    /// <inheritdoc/>
    public string Description => "one pair after the other, each the best beside those before it";

    /// <inheritdoc/>
    public bool TakesTime => false;

    /// <inheritdoc/>
    public int[] Choose(BatchProblem problem, SearchEffort effort)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(effort);
        effort.CancellationToken.ThrowIfCancellationRequested();
        return BatchOptimisers.Better(problem, problem.Filled(problem.Required), new TopOptimiser().Choose(problem, effort));
    }

    /// <inheritdoc/>
    public Batch Choose(EveryPairProblem problem, SearchEffort effort) => EveryPairBatches.Greedy(problem, effort, new ListLengths());
}
