namespace FisherKernels.Learning.Batches;

/// <summary>The optimisers there are.</summary>
internal static class BatchOptimisers
{
    /// <summary>From the quickest to the most thorough.</summary>
    public static IReadOnlyList<IBatchOptimiser> All { get; } =
        [new TopOptimiser(), new GreedyOptimiser(), new ForwardBackwardOptimiser(), new ExchangeOptimiser(), new RelaxedOptimiser(),
            new BestOptimiser()];

    /// <summary>The one of that name, or null.</summary>
    public static IBatchOptimiser? Find(string name) => All.FirstOrDefault(optimiser => optimiser.Name == name);

    /// <summary>Whichever of two batches has the larger log det M, the first of equal ones.</summary>
    internal static int[] Better(BatchProblem problem, int[] one, int[] other) =>
        problem.Precision(other).LogDeterminant > problem.Precision(one).LogDeterminant ? other : one;
}
