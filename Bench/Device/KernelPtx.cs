using System.Reflection;
using FisherKernels.Gpu;
using FisherKernels.Gpu.Device;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.Runtime.Cuda;

namespace FisherKernels.Bench;

/// <summary>Every kernel's PTX, compiled as on a machine with a GPU; none is needed.</summary>
internal sealed class KernelPtx : IDisposable
{
    private readonly Context _context = Context.Create(builder =>
    {
        builder.EnableAlgorithms();
        Fused.Register(builder.GetIntrinsicManager());
    });

    /// <summary>All types that hold a kernel, by name.</summary>
    public static IReadOnlyList<Type> Kernels { get; } =
    [
        .. from type in typeof(GpuBackends).Assembly.GetTypes()
           where type.Namespace == "FisherKernels.Gpu.Device" && type.Name.EndsWith("Kernel", StringComparison.Ordinal)
           orderby type.Name
           select type,
    ];

    /// <summary>A kernel's method.</summary>
    public static MethodInfo Run(Type kernel) => kernel.GetMethod("Run", BindingFlags.Static | BindingFlags.Public)
        ?? throw new ArgumentException($"{kernel.Name} has no method Run.", nameof(kernel));

    /// <summary>Whether the runtime chooses the group: the first argument is the thread's number.</summary>
    public static bool IsAutoGrouped(Type kernel) => Run(kernel).GetParameters()[0].ParameterType == typeof(Index1D);

    /// <summary>PTX of version 8.0, which every driver since CUDA 12 takes.</summary>
    public string Compile(Type kernel, CudaArchitecture architecture)
    {
        using var backend = new PTXBackend(_context, architecture, CudaInstructionSet.ISA_80, null!);
        EntryPointDescription entry = IsAutoGrouped(kernel)
            ? EntryPointDescription.FromImplicitlyGroupedKernel(Run(kernel))
            : EntryPointDescription.FromExplicitlyGroupedKernel(Run(kernel));
        return ((PTXCompiledKernel)backend.Compile(entry, default)).PTXAssembly;
    }

    public void Dispose() => _context.Dispose();
}
