using FisherKernels.Kernels;

namespace FisherKernels.Tests;

/// <summary>The registered backends that tests run on, the CPU first; what a test registers itself is left out.</summary>
internal static class TestBackends
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<BackendKind> All =>
        [.. Backend.Providers.Select(provider => provider.Kind).Where(kind => kind != BackendKind.Other).Order()];

    /// <summary>Those that are compared with the CPU.</summary>
    public static IReadOnlyList<BackendKind> Devices => [.. All.Where(kind => kind != BackendKind.Cpu)];

    /// <summary>Those that compute on hardware of their own.</summary>
    public static IReadOnlyList<BackendKind> Gpus => [.. Devices.Where(kind => kind != BackendKind.Emulator)];
}
