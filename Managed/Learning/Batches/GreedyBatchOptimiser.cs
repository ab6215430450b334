namespace FisherKernels.Learning.Batches;

/// <summary>One pair after the other, each the best beside those before it; log det is submodular, so at least 1 − 1/e of what a batch can add to log det M₀ (Nemhauser 1978).</summary>
public sealed class GreedyBatchOptimiser : IBatchOptimiser
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
        effort.Cancellation.ThrowIfCancellationRequested();
        return BatchOptimisers.Better(problem, problem.Filled(problem.Must), new TopBatch().Choose(problem, effort));
    }
}
