namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>How large the pools are.</summary>
/// <param name="Candidates">n of the generated pool.</param>
/// <param name="Responses">R of the generated pool.</param>
/// <param name="Width">d of the generated pool.</param>
/// <param name="Learned">Pairs at random that a model of real data is trained on.</param>
/// <param name="GeneratedBatch">c of the generated pool.</param>
/// <param name="Batches">c of pools of real data, each; one that leaves nothing to choose is left out.</param>
/// <param name="WarmMilliseconds">What is timed is done unmeasured for so long before.</param>
internal sealed record PoolSize(
    int Candidates, int Responses, int Width, int Learned, int GeneratedBatch, IReadOnlyList<int> Batches, int WarmMilliseconds)
{
    /// <summary>Standard deviation of the rewards of the generated pool.</summary>
    public const double RewardSpread = 1.5;

    /// <summary>λ.</summary>
    public const double Ridge = 1e-6;

    /// <summary>The page's.</summary>
    public static PoolSize Usual { get; } = new(20_000, 5_000, 64, 500, 500, [125, 500], 250);

    /// <summary>To see that all of it works.</summary>
    public static PoolSize Small { get; } = new(300, 80, 6, 40, 20, [10, 25], 0);
}
