using System.Globalization;
using System.Runtime.CompilerServices;

namespace FisherKernels.Kernels.Cpu;

/// <summary>The operations in managed code on the CPU: the fallback, and the standard that devices are compared with.</summary>
internal sealed partial class CpuBackend : Backend
{
    // Bytes of an array that does not fit into the nearest caches: reads across two lines are what its use waits for.
    private const int LargeArray = 1 << 20;

    internal CpuBackend(int threads)
        : base(BackendNames.From(BackendKind.Cpu), Describe(threads)) =>
        Threads = new Workers(threads == 0 ? Environment.ProcessorCount : threads);

    internal Workers Threads { get; }

    public override void Synchronize()
    {
        // Every operation is complete when it returns.
    }

    internal bool IsDisposed { get; private set; }

    public override DOptimalSelector CreateSelector()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return new CpuSelector(this);
    }

    public override void Dispose()
    {
        IsDisposed = true;
        Threads.Dispose();
    }

    protected override DeviceArray<T> AllocateCore<T>(int rows, int columns)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        try
        {
            int length = rows * columns;
            if ((long)length * Unsafe.SizeOf<T>() < LargeArray)
            {
                return new CpuArray<T>(this, new T[length], 0, rows, columns);
            }

            T[] numbers = GC.AllocateArray<T>(length + Scratch.Spare<T>(), pinned: true);
            return new CpuArray<T>(this, numbers, Scratch.Line(numbers), rows, columns);
        }
        catch (OutOfMemoryException exception)
        {
            throw new DeviceMemoryException($"No room for an array of {rows}×{columns} {typeof(T).Name}.", exception);
        }
    }

    private static Span<T> Of<T>(DeviceArray<T> array)
        where T : unmanaged => ((CpuArray<T>)array).Span;

    internal static string Describe(int threads) => string.Create(CultureInfo.InvariantCulture,
        $"cpu, {(threads == 0 ? Environment.ProcessorCount : threads)} threads, "
        + $"{(System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? 512 : 256)}-bit vectors");
}
