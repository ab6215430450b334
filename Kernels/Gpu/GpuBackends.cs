using FisherKernels.Kernels;

namespace FisherKernels.Gpu;

/// <summary>The backends of this library: NVIDIA GPUs by CUDA, GPUs and CPUs by OpenCL, and the emulator for tests.</summary>
/// <remarks>
/// <code>
/// GpuBackends.Register();
/// using Backend on = Backend.Open(BackendKind.Auto);
/// </code>
/// </remarks>
public static class GpuBackends
{
    /// <summary>Makes them known to <see cref="Backend.Open(BackendKind, int)"/>, CUDA first; what was registered before stays.</summary>
    /// <remarks>Safe from any thread, as often as anybody likes; looks for no device and loads no driver.</remarks>
    public static void Register()
    {
        foreach (BackendKind kind in (BackendKind[])[BackendKind.Cuda, BackendKind.OpenCl, BackendKind.Emulator])
        {
            Backend.Register(new GpuProvider(kind));
        }
    }
}
