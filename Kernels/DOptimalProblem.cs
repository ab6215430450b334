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
