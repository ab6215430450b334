namespace FisherKernels.Kernels.Cpu;

internal sealed partial class CpuBackend
{
    // M, L and L⁻¹ are made where the result keeps them.
    protected override BestPairs BestCore(
        PairGraph graph,
        DeviceArray<float> phi_Rd,
        DeviceArray<float> v_n,
        DeviceArray<double>? past_dd,
        double ridge,
        DeviceArray<float> g_n,
        int k,
        CancellationToken cancellationToken)
    {
        Threads.Wake();
        int d = phi_Rd.Columns;
        double[] m = Matrix(d), cholesky = Matrix(d);
        double[]? inverse = graph.Count > 0 ? Matrix(d) : null;
        int[] indices = new int[k];
        float[] scores = new float[k];
        var from = new WeightedPairs
        {
            Pairs = Of(graph.Pairs),
            Starts = Of(graph.Starts),
            Incident = Of(graph.Incident),
            Variances = Of(v_n),
            Features = Of(phi_Rd),
            Dimension = d,
            Past = past_dd is null ? [] : Of(past_dd),
            Ridge = ridge,
        };

        DesignWorkspace design = TakeDesign();
        design.Operations.Cancellation = cancellationToken;
        try
        {
            design.Gradients(from, m, cholesky, inverse, Of(g_n));
            design.Top(Of(g_n), indices, scores);
        }
        finally
        {
            design.Operations.Cancellation = default;
            _design = design;
        }

        return new(indices, scores, new PrecisionMatrix(d, ridge, m, cholesky, inverse));
    }

    // Written from end to end before it is read.
    private static double[] Matrix(int d) => GC.AllocateUninitializedArray<double>(d * d);
}
