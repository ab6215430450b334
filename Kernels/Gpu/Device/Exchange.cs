using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;

namespace FisherKernels.Gpu.Device;

/// <summary>Numbers that groups of one launch tell each other: what one writes the others read, though each multiprocessor has a
/// cache of its own.</summary>
/// <remarks>
/// A number comes whole, and by itself: that it is there says nothing of what was written before it. So it is to be a number that
/// says all there is to
/// say, into memory that held <see cref="Nothing"/>; then neither a fence nor a counter is needed, and the caches keep what they hold.
/// </remarks>
internal static class Exchange
{
    /// <summary>All bits set: as a float64 not a number, as two whole numbers −1.</summary>
    public const ulong Nothing = ulong.MaxValue;

    /// <summary>What others said; <see cref="Nothing"/> before they did.</summary>
    [IntrinsicImplementation]
    public static ulong Read(ref ulong place) => Atomic.Or(ref place, 0UL);

    /// <summary>Says it to the others.</summary>
    [IntrinsicImplementation]
    public static void Write(ref ulong place, ulong what) => Atomic.Exchange(ref place, what);

    /// <summary>Tells the compilers of a context: a load and a store at the cache that all share, where the atomic operations would
    /// queue.</summary>
    public static void Register(IntrinsicImplementationManager manager)
    {
        manager.RegisterMethod(
            typeof(Exchange)
                .GetMethod(nameof(Read))!, new PTXIntrinsic(typeof(Exchange), nameof(PtxRead), IntrinsicImplementationMode.GenerateCode));
        manager.RegisterMethod(
            typeof(Exchange)
                .GetMethod(nameof(Write))!, new PTXIntrinsic(typeof(Exchange), nameof(PtxWrite), IntrinsicImplementationMode.GenerateCode));
    }

    private static void PtxRead(PTXBackend backend, PTXCodeGenerator code, Value call)
    {
        _ = backend;
        var (result, place) = (code.AllocateHardware(call), code.LoadHardware(call[0]));
        using PTXCodeGenerator.CommandEmitter command = code.BeginCommand("ld.relaxed.gpu.u64");
        command.AppendArgument(result);
        command.AppendArgumentValue(place);
    }

    private static void PtxWrite(PTXBackend backend, PTXCodeGenerator code, Value call)
    {
        _ = backend;
        var (place, what) = (code.LoadHardware(call[0]), code.LoadHardware(call[1]));
        using PTXCodeGenerator.CommandEmitter command = code.BeginCommand("st.relaxed.gpu.u64");
        command.AppendArgumentValue(place);
        command.AppendArgument(what);
    }
}
