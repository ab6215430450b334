namespace FisherKernels.Kernels;

/// <summary>What computes.</summary>
public enum BackendKind
{
    /// <summary>The first registered device that passes its self-test, else the CPU; <see cref="Backend.Why"/> tells which and
    /// why.</summary>
    Auto,

    /// <summary>Vectorised managed code on all cores.</summary>
    Cpu,

    /// <summary>The kernels of FisherKernels.Gpu on an NVIDIA GPU.</summary>
    Cuda,

    /// <summary>The kernels of FisherKernels.Gpu on an OpenCL device, a GPU before a CPU.</summary>
    OpenCl,

    /// <summary>The kernels of FisherKernels.Gpu on ILGPU's CPU accelerator: for small tests, a hundred times slower than
    /// <see cref="Cpu"/>.</summary>
    Emulator,

    /// <summary>A backend written outside of FisherKernels; it is opened by its name, <see cref="Backend.Open(string, int)"/>.</summary>
    Other,
}

/// <summary>Kinds as the names that backends are registered under.</summary>
internal static class BackendNames
{
    /// <summary>The name of a kind: auto, cpu, cuda, opencl, emulator.</summary>
    public static string From(BackendKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>The kind that bears a name, else <see cref="BackendKind.Other"/>.</summary>
    public static BackendKind Parse(string name)
    {
        foreach (BackendKind kind in Enum.GetValues<BackendKind>())
        {
            if (From(kind) == name)
            {
                return kind;
            }
        }

        return BackendKind.Other;
    }
}
