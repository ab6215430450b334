namespace FisherKernels.Kernels;

/// <summary>A selection as operations one after the other, copied to where they compute and back: for every backend.</summary>
internal sealed class ComposedSelector : DOptimalSelector
{
    public ComposedSelector(Backend backend)
        : base(backend)
    {
    }

    private protected override double SelectCore(in DOptimalProblem problem, Span<int> best, Span<float> gradients, CancellationToken cancellation)
    {
        Backend on = Backend;
        int d = problem.Dimension, responses = problem.Rewards.Length, n = problem.Pairs.Length;
        using PairGraph graph = on.Graph(problem.Pairs, responses);
        using DeviceArray<float> phi_Rd = on.Upload(problem.Features, responses, d), r_R = on.Upload(problem.Rewards, responses);
        using DeviceArray<float> v_n = on.Allocate<float>(n), g_n = on.Allocate<float>(n);
        using DeviceArray<double> matrix_dd = on.Allocate<double>(d, d), z_Rd = on.Allocate<double>(responses, d);
        on.PairVariances(graph, r_R, v_n);
        on.Information(graph, phi_Rd, v_n, matrix_dd);
        double[] fisher = matrix_dd.ToArray();
        PrecisionMatrix precision = problem.Past.IsEmpty ? new(d, problem.Ridge, fisher) : new(d, problem.Ridge, fisher, problem.Past.ToArray());
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
