using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Gpu;

/// <summary>Numbers in the memory of a device; a view shares it.</summary>
internal sealed class GpuArray<T> : DeviceArray<T>
    where T : unmanaged
{
    private readonly MemoryBuffer1D<T, Stride1D.Dense> _memory;
    private readonly int _offset;
    private readonly bool _owns;

    internal GpuArray(GpuBackend owner, MemoryBuffer1D<T, Stride1D.Dense> memory, int rows, int columns)
        : this(owner, memory, 0, rows, columns) => _owns = true;

    private GpuArray(GpuBackend owner, MemoryBuffer1D<T, Stride1D.Dense> memory, int offset, int rows, int columns)
        : base(owner, rows, columns)
    {
        _memory = memory;
        _offset = offset;
    }

    public override bool IsDisposed => _memory.IsDisposed;

    internal ArrayView<T> Numbers
    {
        get
        {
            // A kernel is handed real memory for an array of length 0 as well, and does not touch it.
            ArrayView<T> all = _memory.View;
            return Length == 0 ? all : all.SubView(_offset, Length);
        }
    }

    /// <summary>Whether rows can be read sixteen bytes at a time: each begins on a multiple of that.</summary>
    internal bool IsWide => (long)_offset * Interop.SizeOf<T>() % 16 == 0 && (long)Columns * Interop.SizeOf<T>() % 16 == 0;

    public override void Dispose()
    {
        if (_owns)
        {
            _memory.Dispose();
        }
    }

    protected override void CopyFromCore(ReadOnlySpan<T> source)
    {
        ArrayView<T> numbers = Numbers;
        numbers.CopyFromCPU(((GpuBackend)Owner).Stream, source);
    }

    protected override void CopyToCore(Span<T> target)
    {
        ((GpuBackend)Owner).Download(Numbers, target);
    }

    protected override void ClearCore()
    {
        if (_offset > 0 && Owner.Kind == BackendKind.OpenCl)
        {
            // ILGPU 1.5.3 multiplies the offset of an OpenCL fill by the size of an element twice.
            CopyFromCore(new T[Length]);
            return;
        }

        ArrayView<T> numbers = Numbers;
        numbers.MemSetToZero(((GpuBackend)Owner).Stream);
    }

    protected override DeviceArray<T> ViewCore(int offset, int rows, int columns) =>
        new GpuArray<T>((GpuBackend)Owner, _memory, _offset + offset, rows, columns);
}
