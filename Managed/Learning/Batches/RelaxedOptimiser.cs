namespace FisherKernels.Learning.Batches;

/// <summary>The relaxation, rounded: the pairs taken whole, then those taken in part, each the best beside those before it.</summary>
internal sealed class RelaxedOptimiser : IBatchOptimiser
{
    // Of log det M per dimension: the relaxation is close enough to its top for rounding.
    private const double Gap = 1e-4;

    /// <inheritdoc/>
    public string Name => "relaxed";

    /// <inheritdoc/>
    public string Description => "the best weights between 0 and 1, rounded";

    /// <inheritdoc/>
    public int[] Choose(BatchProblem problem, SearchEffort effort)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(effort);
        return From(problem, new GreedyOptimiser().Choose(problem, effort), effort);
    }

    /// <summary>With the relaxation begun at a batch; never worse than that.</summary>
    internal static int[] From(BatchProblem problem, int[] start, SearchEffort effort)
    {
        var relaxation = new Relaxation(problem, start);
        while (!effort.IsOver && relaxation.Step(effort.Tolerance) && relaxation.UpperBound - relaxation.Reached > Gap * problem.Dimension)
        {
        }

        return BatchOptimisers.Better(problem, start, Rounded(problem, relaxation.Weights));
    }

    private static int[] Rounded(BatchProblem problem, double[] weights)
    {
        IEnumerable<int> all = Enumerable.Range(0, weights.Length);
        int[] whole = TopOptimiser.Walk(problem.Quota([]), problem.Required, problem.Count, all.Where(i => weights[i] == 1));
        int[] more = problem.Filled(whole, [.. all.Where(i => weights[i] is > 0 and < 1)]);
        return problem.Filled(Duplicates.Lowest(problem, more));
    }
}
