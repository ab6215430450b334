using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;

namespace FisherKernels.Gpu.Device;

/// <summary>a·b + c rounded once, in kernels: ILGPU 1.5.3 has no such operation, and would compile .NET's into nothing.</summary>
/// <remarks>Where a product and a sum are rounded apart, a result depends on what a driver's compiler joins.</remarks>
internal static class Fused
{
    /// <summary>a·b + c in float64; the emulator runs this, a compiler puts the device's instruction in its place.</summary>
    [IntrinsicImplementation]
    public static double MultiplyAdd(double a, double b, double c) => Math.FusedMultiplyAdd(a, b, c);

    /// <summary>Tells the compilers of a context.</summary>
    public static void Register(IntrinsicImplementationManager manager)
    {
        Tensor.Register(manager);
        var method = typeof(Fused).GetMethod(nameof(MultiplyAdd))!;
        manager.RegisterMethod(method, new PTXIntrinsic(typeof(Fused), nameof(Ptx), IntrinsicImplementationMode.GenerateCode));
        manager.RegisterMethod(method, new CLIntrinsic(typeof(Fused), nameof(OpenCl), IntrinsicImplementationMode.GenerateCode));
        Exchange.Register(manager);
    }

    private static void Ptx(PTXBackend backend, PTXCodeGenerator code, Value call)
    {
        _ = backend;
        var result = code.AllocateHardware(call);
        var (a, b, c) = (code.LoadPrimitive(call[0]), code.LoadPrimitive(call[1]), code.LoadPrimitive(call[2]));
        using PTXCodeGenerator.CommandEmitter command = code.BeginCommand("fma.rn.f64");
        command.AppendArgument(result);
        command.AppendArgument(a);
        command.AppendArgument(b);
        command.AppendArgument(c);
    }

    private static void OpenCl(CLBackend backend, CLCodeGenerator code, Value call)
    {
        _ = backend;
        var result = code.Allocate(call);
        var (a, b, c) = (code.Load(call[0]), code.Load(call[1]), code.Load(call[2]));
        using CLCodeGenerator.StatementEmitter statement = code.BeginStatement(result);
        statement.AppendCommand("fma");
        statement.BeginArguments();
        statement.AppendArgument(a);
        statement.AppendArgument(b);
        statement.AppendArgument(c);
        statement.EndArguments();
    }
}
