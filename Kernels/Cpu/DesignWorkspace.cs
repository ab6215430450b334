namespace FisherKernels.Kernels.Cpu;

/// <summary>Weighted candidates on plain memory; lengths fit together, indices are in range.</summary>
internal readonly ref struct WeightedPairs
{
    /// <summary>[n].</summary>
    public required ReadOnlySpan<Pair> Pairs { get; init; }

    /// <summary>[R + 1], as in <see cref="PairGraph"/>.</summary>
    public required ReadOnlySpan<int> Starts { get; init; }

    /// <summary>[2n], as in <see cref="PairGraph"/>.</summary>
    public required ReadOnlySpan<int> Incident { get; init; }

    /// <summary>Weights v [n].</summary>
    public required ReadOnlySpan<float> Variances { get; init; }

    /// <summary>Φ [R, d].</summary>
    public required ReadOnlySpan<float> Features { get; init; }

    /// <summary>d.</summary>
    public required int Dimension { get; init; }

    /// <summary>I_past [d, d], or empty.</summary>
    public required ReadOnlySpan<double> Past { get; init; }

    /// <summary>λ.</summary>
    public required double Ridge { get; init; }
}

/// <summary>M, its factor, every pair's gradient and the best of them, by operations whose scratch is kept: in the long run nothing is
/// allocated.</summary>
/// <remarks>Serves one thread at a time.</remarks>
internal sealed class DesignWorkspace(Workers threads)
{
    private readonly PanelUpdate _update = new(threads);
    private double[] _z = [];

    /// <summary>The operations one by one.</summary>
    public DesignOperations Operations { get; } = new(threads);

    /// <summary>M = λ·1 + I_past + I = L Lᵀ, and g = v δᵀM⁻¹δ of every pair where there is room for it.</summary>
    /// <param name="from">The candidates.</param>
    /// <param name="m">M [d, d], out.</param>
    /// <param name="cholesky">L [d, d], out.</param>
    /// <param name="inverse">L⁻¹ [d, d], out; untouched where <paramref name="g"/> is empty.</param>
    /// <param name="g">[n], out, or empty.</param>
    /// <exception cref="SingularInformationException">M has no Cholesky factor in float64.</exception>
    public void Gradients(in WeightedPairs from, Span<double> m, Span<double> cholesky, Span<double> inverse, Span<float> g)
    {
        int d = from.Dimension;
        m.Clear();
        if (from.Pairs.Length > 0 && d > 0)
        {
            // The factor is not made yet: its place holds I.
            Operations.Information(from.Pairs, from.Starts, from.Incident, from.Features, d, from.Variances, cholesky);
            CholeskyFactor.Add(cholesky, d, m);
        }

        if (!from.Past.IsEmpty)
        {
            CholeskyFactor.Add(from.Past, d, m);
        }

        CholeskyFactor.AddRidge(from.Ridge, d, m);
        CholeskyFactor.Factor(m, d, from.Ridge, cholesky, _update);
        if (d == 0)
        {
            g.Clear();
        }
        else if (!g.IsEmpty)
        {
            Span<double> z = Scratch.Of(ref _z, from.Features.Length);
            CholeskyFactor.Invert(cholesky, d, inverse, _update);
            Operations.Whiten(from.Features, d, inverse, z);
            Operations.LogDetGradient(from.Pairs, z, d, from.Variances, g);
        }
    }

    /// <summary>The best scores and where they are, best first (<see cref="TopKey"/>).</summary>
    /// <param name="score">[n].</param>
    /// <param name="indices">[k], out, k ≤ n.</param>
    /// <param name="scores">[k], out, or empty.</param>
    public void Top(ReadOnlySpan<float> score, Span<int> indices, Span<float> scores)
    {
        if (indices.IsEmpty)
        {
            return;
        }

        Operations.Top(score, indices);
        for (int j = 0; j < scores.Length; j++)
        {
            scores[j] = score[indices[j]];
        }
    }
}
