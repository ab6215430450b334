using System.Globalization;
using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Gpu;

/// <summary>The ILGPU kernels on one accelerator: CUDA, OpenCL, or the emulator.</summary>
/// <remarks>
/// A kernel is compiled when it is first used and its launcher kept. Everything runs in order on one stream.
/// With FISHER_PORTABLE=1 in the environment CUDA uses no kernel that other devices do not have: to find out whether one of those
/// is at fault.
/// </remarks>
internal sealed partial class GpuBackend : Backend
{
    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly int _group;

    /// <summary>Takes over the context.</summary>
    internal GpuBackend(BackendKind kind, Context context, Accelerator accelerator)
        : base(BackendNames.From(kind), Describe(accelerator))
    {
        _context = context;
        _accelerator = accelerator;
        _group = Math.Min(256, accelerator.MaxNumThreadsPerGroup);
        bool portable = Environment.GetEnvironmentVariable("FISHER_PORTABLE") == "1";
        UsesTensorCores = HasTensorCores && !portable;
        _greedyAtOnce = !portable;
        _gathered = new(this);
        _parts = new(this);
        _slopes = new(this);
        _laplacian = new(this);
        _informationParts = new(this);
        _keys = new(this);
        _inverse = new(this);
        _past = new(this);
        _factor = new(this);
        _words = new(this);
        _arrived = new(this);
        _band = new(this);
        _greedy = new(this);
        _greedyCounts = new(this);
        _greedyCosts = new(this);
        _greedyDeltas = new(this);
        _greedySaid = new(this);
    }

    /// <summary>The stream, with the accelerator made current.</summary>
    internal AcceleratorStream Stream
    {
        get
        {
            Bind();
            return _accelerator.DefaultStream;
        }
    }

    /// <summary>How often the host waited for something from the device.</summary>
    internal long Downloads { get; private set; }

    public override void Synchronize() => Stream.Synchronize();

    /// <summary>Copies from the device, once all that is queued before is done.</summary>
    internal void Download<T>(ArrayView<T> from, Span<T> to)
        where T : unmanaged
    {
        Downloads++;
        from.CopyToCPU(Stream, to);
    }

    public override void Dispose()
    {
        _arrived.Dispose();
        _accelerator.Dispose();
        _context.Dispose();
    }

    protected override DeviceArray<T> AllocateCore<T>(int rows, int columns)
    {
        MemoryBuffer1D<T, Stride1D.Dense> memory = Memory<T>(rows, columns);
        try
        {
            memory.MemSetToZero(Stream);

            // An OpenCL driver says here that it has no room; elsewhere what is queued later finds zeros without a wait.
            if (Kind != BackendKind.Cuda)
            {
                Synchronize();
            }

            return new GpuArray<T>(this, memory, rows, columns);
        }
        catch (Exception exception) when (IsOutOfMemory(exception))
        {
            memory.Dispose();
            throw NoRoom<T>(rows, columns, exception);
        }
    }

    private static ArrayView<T> Of<T>(DeviceArray<T> array)
        where T : unmanaged => ((GpuArray<T>)array).Numbers;

    // Contexts are bound to threads, and callers may change theirs.
    private void Bind()
    {
        ObjectDisposedException.ThrowIf(_accelerator.IsDisposed, this);
        _accelerator.Bind();
    }

    private MemoryBuffer1D<T, Stride1D.Dense> Memory<T>(int rows, int columns)
        where T : unmanaged
    {
        Bind();
        try
        {
            return _accelerator.Allocate1D<T>(Math.Max(1, rows * columns));
        }
        catch (Exception exception) when (IsOutOfMemory(exception))
        {
            throw NoRoom<T>(rows, columns, exception);
        }
    }

    // An OpenCL driver may take an allocation that it cannot hold, and refuse its first use.
    private static bool IsOutOfMemory(Exception exception) => exception is AcceleratorException or OutOfMemoryException;

    private DeviceMemoryException NoRoom<T>(int rows, int columns, Exception exception)
        where T : unmanaged =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"No room for an array of {rows}×{columns} {typeof(T).Name}, {(long)rows * columns * Interop.SizeOf<T>():N0} bytes, on "
            + $"{Device}: {exception.Message}"),
            exception);

    private static string Describe(Accelerator accelerator) => accelerator.AcceleratorType == AcceleratorType.CPU
        ? FormattableString.Invariant($"emulator, {accelerator.MaxNumThreadsPerGroup} threads a group")
        : FormattableString.Invariant($"{accelerator.Name}, {accelerator.MemorySize / (double)(1L << 30):F1} GiB");

    private static KernelConfig Grid(int x, int y = 1, int z = 1) =>
        new(new Index3D(x, y, z), new Index3D(Block.Threads, 1, 1));

    /// <summary>Rows of a long sum cut into slices, so that there are about a thousand groups to fill a device.</summary>
    /// <remarks>A function of the shape alone: the order of summation does not change with the device.</remarks>
    private static (int Slices, int Rows) Slice(int rows, int groups, int numbers, int least = 4)
    {
        int most = Math.Max(1, Math.Min(1024 / groups, (1 << 26) / numbers));
        int blocks = Block.Count(rows);
        // At least so many blocks a slice: shorter ones cost more to add up than they gain.
        int each = Math.Max(least, (blocks + most - 1) / most);
        return ((blocks + each - 1) / each, each * Block.Side);
    }

    /// <summary>Memory of one operation between its launches: kept, and replaced by a larger piece where it is too small.</summary>
    internal sealed class Scratch<T>(GpuBackend backend) : IDisposable
        where T : unmanaged
    {
        private MemoryBuffer1D<T, Stride1D.Dense>? _memory;

        public ArrayView<T> Take(int rows, int columns = 1)
        {
            int length = Math.Max(1, rows * columns);
            if (_memory is null || _memory.Length < length)
            {
                backend.Synchronize();
                _memory?.Dispose();
                _memory = null;
                _memory = backend.Memory<T>(rows, columns);
            }

            return _memory.View.SubView(0, length);
        }

        public void Dispose() => _memory?.Dispose();
    }
}
