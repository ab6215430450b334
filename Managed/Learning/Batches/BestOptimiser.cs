namespace FisherKernels.Learning.Batches;

/// <summary>All of it: exchanges until none helps, from the greedy, the forward–backward and the rounded relaxed batch; the best of
/// the three.</summary>
internal sealed class BestOptimiser : IBatchOptimiser
{
    /// <inheritdoc/>
    public string Name => "best";

    /// <inheritdoc/>
    public string Description => "exchange from the greedy, the forward-backward and the relaxed batch, and the best of the three";

    /// <inheritdoc/>
    public int[] Choose(BatchProblem problem, SearchEffort effort)
    {
        // The relaxation is the quickest of the good starts, so it is the first where time is short.
        int[] greedy = new GreedyOptimiser().Choose(problem, effort);
        int[] best = ExchangeOptimiser.Improve(problem, RelaxedOptimiser.From(problem, greedy, effort), effort);
        foreach (Func<int[]> start in (Func<int[]>[])[() => greedy, () => new ForwardBackwardOptimiser().Choose(problem, effort)])
        {
            if (!effort.IsOver)
            {
                best = BatchOptimisers.Better(problem, best, ExchangeOptimiser.Improve(problem, start(), effort));
            }
        }

        return best;
    }
}
