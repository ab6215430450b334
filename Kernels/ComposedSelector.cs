namespace FisherKernels.Kernels;

/// <summary>A selection as operations one after the other, copied to where they compute and back: for every backend.</summary>
internal sealed class ComposedSelector : DOptimalSelector
{
    public ComposedSelector(Backend backend)
        : base(backend)
    {
    }

    private protected override double SelectCore(
        ReadOnlySpan<float> features,
        int d,
        ReadOnlySpan<float> rewards,
        ReadOnlySpan<Pair> pairs,
        ReadOnlySpan<double> past,
        double ridge,
        Span<int> best,
        Span<float> gradients,
        CancellationToken cancellation)
    {
        Backend on = Backend;
        using PairGraph graph = on.Graph(pairs, rewards.Length);
        using DeviceArray<float> phi_Rd = on.Upload(features, rewards.Length, d), r_R = on.Upload(rewards, rewards.Length);
        using DeviceArray<float> v_n = on.Allocate<float>(pairs.Length), g_n = on.Allocate<float>(pairs.Length);
        using DeviceArray<double> matrix_dd = on.Allocate<double>(d, d), z_Rd = on.Allocate<double>(rewards.Length, d);
        on.PairVariances(graph, r_R, v_n);
        on.Information(graph, phi_Rd, v_n, matrix_dd);
        double[] fisher = matrix_dd.ToArray();
        PrecisionMatrix precision = past.IsEmpty ? new(d, ridge, fisher) : new(d, ridge, fisher, past.ToArray());
        cancellation.ThrowIfCancellationRequested();

        matrix_dd.CopyFrom(precision.InverseCholesky);
        on.Whiten(phi_Rd, matrix_dd, z_Rd);
        on.LogDetGradient(graph, z_Rd, v_n, g_n);
        on.Top(g_n, best.Length).CopyTo(best);
        float[] g = gradients.IsEmpty ? [] : g_n.ToArray();
        for (int j = 0; j < gradients.Length; j++)
        {
            gradients[j] = g[best[j]];
        }

        cancellation.ThrowIfCancellationRequested();
        return precision.LogDeterminant;
    }
}
