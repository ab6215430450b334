using System.Runtime.CompilerServices;
using FisherKernels.Gpu;

namespace FisherKernels.Tests;

/// <summary>The GPU backends are known before any test of this assembly asks for one.</summary>
internal static class Registered
{
    [ModuleInitializer]
    internal static void Begin() => GpuBackends.Register();
}
