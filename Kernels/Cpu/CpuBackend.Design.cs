namespace FisherKernels.Kernels.Cpu;

internal sealed partial class CpuBackend
{
    // Blocks of pairs and responses: some microseconds each.
    internal const int PairBlock = 1024;
    internal const int ResponseBlock = Gemm.Depth;

    private DesignWorkspace? _design;

    protected override void PairVariancesCore(PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> v_n) =>
        Use(design => design.Variances(Of(graph.Pairs), Of(r_R), Of(v_n)));

    protected override void InformationCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, DeviceArray<double> fisher_dd) =>
        Use(design => design.Information(
            Of(graph.Pairs), Of(graph.Starts), Of(graph.Incident), Of(phi_Rd), phi_Rd.Columns, Of(v_n), Of(fisher_dd)));

    protected override void WhitenCore(DeviceArray<float> phi_Rd, DeviceArray<double> inverse_dd, DeviceArray<double> z_Rd) =>
        Use(design => design.Whiten(Of(phi_Rd), phi_Rd.Columns, Of(inverse_dd), Of(z_Rd)));

    protected override void LogDetGradientCore(
        PairGraph graph, DeviceArray<double> z_Rd, DeviceArray<float> v_n, DeviceArray<float> g_n) =>
        Use(design => design.LogDetGradient(Of(graph.Pairs), Of(z_Rd), z_Rd.Columns, Of(v_n), Of(g_n)));

    protected override int[] TopCore(DeviceArray<float> score_n, int k)
    {
        var best = new int[k];
        Use(design => design.Top(Of(score_n), best));
        return best;
    }

    private void Use(Action<DesignOperations> operation)
    {
        DesignWorkspace design = TakeDesign();
        operation(design.Operations);
        _design = design;
    }

    // Taken out while it is at work: whoever calls from a second thread gets scratch of its own, not wrong numbers.
    private DesignWorkspace TakeDesign() => Interlocked.Exchange(ref _design, null) ?? new DesignWorkspace(Threads);
}
