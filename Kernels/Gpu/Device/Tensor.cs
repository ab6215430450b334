using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using PtxRegisters = ILGPU.Backends.RegisterAllocator<ILGPU.Backends.PTX.PTXRegisterKind>;

namespace FisherKernels.Gpu.Device;

/// <summary>A tensor core's instruction in kernels, for CUDA devices of compute capability 8.0 and later only.</summary>
/// <remarks>ILGPU's CudaAsm.EmitRef would do, but sends every operand through local memory.</remarks>
internal static class Tensor
{
    private const string Instruction = "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32";

    /// <summary>c + ab by a warp together, c [16, 8] in float32, a [16, 8] and b [8, 8] of eleven bits (PTX ISA, mma.m16n8k8).</summary>
    /// <param name="c">The thread's four numbers.</param>
    /// <param name="a">Its bits of a.</param>
    /// <param name="b0">Its bits of b, steps 0 … 3.</param>
    /// <param name="b1">Steps 4 … 7.</param>
    [IntrinsicImplementation]
    public static Quad MultiplyAdd(Quad c, QuadBits a, uint b0, uint b1) =>
        throw new NotSupportedException($"Only a CUDA device has {Instruction} ({c.X}, {a.X}, {b0}, {b1}).");

    /// <summary>Tells the compilers of a context.</summary>
    public static void Register(IntrinsicImplementationManager manager) => manager.RegisterMethod(
        typeof(Tensor).GetMethod(nameof(MultiplyAdd))!,
        new PTXIntrinsic(typeof(Tensor), nameof(Ptx), IntrinsicImplementationMode.GenerateCode));

    private static void Ptx(PTXBackend backend, PTXCodeGenerator code, Value call)
    {
        _ = backend;
        string c = Names(code, call[0]), a = Names(code, call[1]), b0 = Names(code, call[2]), b1 = Names(code, call[3]);
        string d = Names(code, code.Allocate(call));
        code.Builder.AppendLine($"\t{Instruction} {{{d}}}, {{{a}}}, {{{b0}, {b1}}}, {{{c}}};");
    }

    private static string Names(PTXCodeGenerator code, Value value) => Names(code, code.Load(value));

    private static string Names(PTXCodeGenerator code, PtxRegisters.Register register) => register is PtxRegisters.CompoundRegister compound
        ? string.Join(", ", compound.Children.Select(child => Names(code, child)))
        : "%" + PTXRegisterAllocator.GetStringRepresentation(code.EnsureHardwareRegister((PtxRegisters.PrimitiveRegister)register));
}

/// <summary>Bits of four numbers.</summary>
internal struct QuadBits
{
    public uint X, Y, Z, W;
}
