namespace FisherKernels.Kernels.Cpu;

/// <summary>The CPU, which is always there.</summary>
internal sealed class CpuProvider() : BackendProvider(BackendNames.From(BackendKind.Cpu))
{
    public override IReadOnlyList<DeviceDescription> Devices() =>
        [new(Name, CpuBackend.Describe(0), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, null)];

    protected internal override Backend Open(int threads, bool isAutomatic) => new CpuBackend(threads);
}
