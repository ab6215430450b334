namespace FisherKernels.Learning.Batches;

/// <summary>All of it: exchanges until none helps, from the greedy, the forward–backward and the rounded relaxed batch; the best of the three.</summary>
public sealed class BestBatch : IBatchOptimiser
{
    /// <inheritdoc/>
    public string Name => "best";

    /// <inheritdoc/>
    public string Description => "exchange from the greedy, the forward-backward and the relaxed batch, and the best of the three";

    /// <inheritdoc/>
    public int[] Choose(BatchProblem problem, SearchEffort effort)
    {
        // The relaxation is the quickest of the good starts, so it is the first where time is short.
        int[] best = Exchange.Improve(problem, new RelaxedBatch().Choose(problem, effort), effort);
        foreach (IBatchOptimiser start in (IBatchOptimiser[])[new GreedyBatchOptimiser(), new ForwardBackward()])
        {
            if (!effort.IsOver)
            {
                best = BatchOptimisers.Better(problem, best, Exchange.Improve(problem, start.Choose(problem, effort), effort));
            }
        }

        return best;
    }
}
