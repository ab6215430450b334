namespace FisherKernels.Kernels.Cpu;

internal sealed partial class CpuBackend
{
    protected override GreedyBatch GreedyCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, PrecisionMatrix precision, int count, PairQuota quota) =>
        new GreedyDesign(Threads, Of(graph.Pairs).ToArray(), graph.Responses, Of(phi_Rd), Of(v_n), precision, quota).Choose(count);
}
