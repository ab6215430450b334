namespace FisherKernels.Kernels;

// From weighted candidates to the best of them: MATH.md §3.
public abstract partial class Backend
{
    private BestScratch? _bestScratch;

    /// <summary>The k pairs whose weight raises log det M fastest, M = λ·1 + I_past + Σ v δδᵀ, and g = v δᵀM⁻¹δ of every pair
    /// (MATH.md §3).</summary>
    /// <remarks>
    /// What <see cref="Information"/>, <see cref="PrecisionMatrix"/>, <see cref="Whiten"/>, <see cref="LogDetGradient"/> and
    /// <see cref="Top"/> give one after the other, to the last bit. A GPU does not wait for the host in between, and the host waits for it
    /// once (d ≤ 256; wider matrices are factored by the host). Scratch is kept: a call allocates what it returns.
    /// </remarks>
    /// <param name="graph">n candidate pairs over R responses.</param>
    /// <param name="phi_Rd">[R, d], features.</param>
    /// <param name="v_n">[n], weight of each pair, ≥ 0: <see cref="PairVariances"/>, or 1 for the design of a linear regression.</param>
    /// <param name="past_dd">[d, d], I_past, symmetric up to rounding; null for none.</param>
    /// <param name="ridge">λ ≥ 0, finite, at most <see cref="PrecisionMatrix.MostRidge"/>.</param>
    /// <param name="g_n">[n], out, ≥ 0, in nats of log det M per unit weight.</param>
    /// <param name="k">How many, 0 ≤ k ≤ n; 0 where only g and M are wanted.</param>
    /// <param name="cancellationToken">Looked at every few microseconds of work on the CPU; on a GPU before its work is waited for, and
    /// after.</param>
    /// <exception cref="ArgumentException">Arrays of another backend or of shapes that do not fit together; features, weights or a past
    /// that are not finite.</exception>
    /// <exception cref="SingularInformationException">M has no Cholesky factor in float64.</exception>
    /// <exception cref="OperationCanceledException">What is in <paramref name="g_n"/> then means nothing.</exception>
    public BestPairs Best(
        PairGraph graph,
        DeviceArray<float> phi_Rd,
        DeviceArray<float> v_n,
        DeviceArray<double>? past_dd,
        double ridge,
        DeviceArray<float> g_n,
        int k,
        CancellationToken cancellationToken = default)
    {
        RequireOwned(graph);
        RequireOwned(phi_Rd);
        Require(phi_Rd, graph.Responses, phi_Rd.Columns);
        Require(v_n, graph.Count);
        Require(g_n, graph.Count);
        if (past_dd is not null)
        {
            Require(past_dd, phi_Rd.Columns, phi_Rd.Columns);
        }

        CholeskyFactor.RequireDimension(phi_Rd.Columns);
        CholeskyFactor.RequireRidge(ridge);
        if (k < 0 || k > graph.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(k), k, $"{k} of {graph.Count} pairs were asked for.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        return BestCore(graph, phi_Rd, v_n, past_dd, ridge, g_n, k, cancellationToken);
    }

    /// <summary>What <see cref="Best"/> does, of arguments that fit together; there may be no pairs, no features and no k.</summary>
    /// <remarks>Composed of the operations: a backend that has nothing faster leaves it as it is.</remarks>
    protected virtual BestPairs BestCore(
        PairGraph graph,
        DeviceArray<float> phi_Rd,
        DeviceArray<float> v_n,
        DeviceArray<double>? past_dd,
        double ridge,
        DeviceArray<float> g_n,
        int k,
        CancellationToken cancellationToken) => ComposeBest(graph, phi_Rd, v_n, past_dd, ridge, g_n, k, cancellationToken);

    /// <summary>What <see cref="BestCore"/> is where no backend has anything faster.</summary>
    internal BestPairs ComposeBest(
        PairGraph graph,
        DeviceArray<float> phi_Rd,
        DeviceArray<float> v_n,
        DeviceArray<double>? past_dd,
        double ridge,
        DeviceArray<float> g_n,
        int k,
        CancellationToken cancellationToken)
    {
        BestScratch scratch = TakeBestScratch();
        DeviceArray<double> matrix_dd = scratch.Matrix(phi_Rd.Columns), z_Rd = scratch.Whitened(phi_Rd.Rows, phi_Rd.Columns);
        PrecisionMatrix precision;
        try
        {
            Information(graph, phi_Rd, v_n, matrix_dd);
            precision = Factored(matrix_dd, past_dd, ridge);
            Whiten(phi_Rd, matrix_dd, z_Rd);
            LogDetGradient(graph, z_Rd, v_n, g_n);
        }
        finally
        {
            _bestScratch = scratch;
        }

        cancellationToken.ThrowIfCancellationRequested();
        int[] indices = Top(g_n, k);
        float[] g = k == 0 ? [] : g_n.ToArray();
        return new(indices, [.. indices.Select(i => g[i])], precision);
    }

    // Taken out while it is at work: on a CPU whoever calls from a second thread gets memory of its own, not wrong numbers.
    private BestScratch TakeBestScratch() => Interlocked.Exchange(ref _bestScratch, null) ?? new BestScratch(this);

    // I there becomes L⁻¹ there.
    private static PrecisionMatrix Factored(DeviceArray<double> matrix_dd, DeviceArray<double>? past_dd, double ridge)
    {
        double[] fisher = matrix_dd.ToArray();
        int d = matrix_dd.Rows;
        PrecisionMatrix precision = past_dd is null ? new(d, ridge, fisher) : new(d, ridge, fisher, past_dd.ToArray());
        matrix_dd.CopyFrom(precision.InverseCholesky);
        return precision;
    }
}

/// <summary>The best of the candidate pairs, best first, and the matrix they were judged by.</summary>
/// <param name="Indices">Of the pairs in the list of candidates, [k]: largest score first, equal ones in ascending order, NaN last.</param>
/// <param name="Scores">g = v δᵀM⁻¹δ of each, [k], in nats of log det M per unit weight.</param>
/// <param name="Precision">M = λ·1 + I_past + I of all candidates.</param>
public sealed record BestPairs(int[] Indices, float[] Scores, PrecisionMatrix Precision);
