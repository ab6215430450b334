namespace FisherKernels.Kernels;

/// <summary>What pairs are chosen from, as its owner holds it; lengths fit together.</summary>
internal readonly ref struct DOptimalProblem
{
    /// <summary>Φ [R, d].</summary>
    public required ReadOnlySpan<float> Features { get; init; }

    /// <summary>d.</summary>
    public required int Dimension { get; init; }

    /// <summary>r [R].</summary>
    public required ReadOnlySpan<float> Rewards { get; init; }

    /// <summary>[n].</summary>
    public required ReadOnlySpan<Pair> Pairs { get; init; }

    /// <summary>I_past [d, d], or empty.</summary>
    public required ReadOnlySpan<double> Past { get; init; }

    /// <summary>λ.</summary>
    public required double Ridge { get; init; }
}

/// <summary>The same on the selector's backend; shapes fit together.</summary>
/// <param name="Candidates">n pairs over R responses.</param>
/// <param name="Features">Φ [R, d].</param>
/// <param name="Rewards">r [R].</param>
/// <param name="Past">I_past [d, d], or null.</param>
/// <param name="Ridge">λ.</param>
internal readonly record struct DOptimalArrays(
    PairGraph Candidates, DeviceArray<float> Features, DeviceArray<float> Rewards, DeviceArray<double>? Past, double Ridge);
