using FisherKernels.Kernels;

namespace FisherKernels.Gpu;

/// <summary>The accelerators of one kind.</summary>
internal sealed class GpuProvider(BackendKind kind) : BackendProvider(BackendNames.From(kind))
{
    // The emulator is there to be right, not fast.
    public override bool IsAutomatic => Kind != BackendKind.Emulator;

    public override IReadOnlyList<DeviceDescription> Devices() => Accelerators.List(Kind);

    // OpenCL on a CPU is slower than the CPU backend, so only a GPU is taken unasked.
    protected internal override Backend Open(int threads, bool isAutomatic) => Accelerators.Open(Kind, gpuOnly: isAutomatic);
}
