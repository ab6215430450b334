namespace FisherKernels.Kernels;

/// <summary>What computes.</summary>
public enum BackendKind
{
    /// <summary>The first device that is there and passes its self-test, else the CPU; <see cref="Backend.Why"/> tells which and why.</summary>
    Auto,

    /// <summary>Vectorised managed code on all cores.</summary>
    Cpu,

    /// <summary>The kernels on an NVIDIA GPU.</summary>
    Cuda,

    /// <summary>The kernels on an OpenCL device, a GPU before a CPU.</summary>
    OpenCl,

    /// <summary>The kernels on ILGPU's CPU accelerator: for tests at small sizes, two orders of magnitude slower than <see cref="Cpu"/>.</summary>
    Emulator,
}
