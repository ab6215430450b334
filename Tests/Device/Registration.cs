using System.Runtime.CompilerServices;
using FisherKernels.Gpu;

namespace FisherKernels.Tests;

/// <summary>The GPU backends are known before any test or list of cases asks for one.</summary>
internal static class Registration
{
    [ModuleInitializer]
    internal static void Begin() => GpuBackends.Register();
}
