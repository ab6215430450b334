using FisherKernels.Kernels;

namespace FisherKernels.Cli.Terminal;

/// <summary>Kinds of backend as users write them.</summary>
public static class DeviceNames
{
    /// <summary>cpu, cuda, opencl, emulator.</summary>
    public static string Name(this BackendKind kind) => kind.ToString().ToLowerInvariant();
}
