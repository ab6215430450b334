using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace FisherKernels.Gpu;

/// <summary>Host memory that a CUDA device reads and writes by itself, as its pages stay where they are; kept, and replaced by a
/// larger piece.</summary>
/// <remarks>
/// Without it a driver copies through pages of its own, and a copy holds up its caller. On other devices it is memory like any other.
/// Whole pages are locked, since a page is locked by one owner only.
/// </remarks>
internal sealed class PageLocked(GpuBackend on) : IDisposable
{
    private const int Page = 4096;

    private byte[] _memory = [];
    private int _start;
    private PageLockScope<byte>? _lock;

    /// <summary>Room for so many numbers, with what was last in it; the device must be done with it.</summary>
    public Span<T> Take<T>(int length)
        where T : unmanaged
    {
        int bytes = checked(Math.Max(1, length) * Unsafe.SizeOf<T>());
        if (_memory.Length < bytes + Page || _memory.Length == 0)
        {
            Grow(checked(bytes + Page - 1) / Page * Page);
        }

        return MemoryMarshal.Cast<byte, T>(_memory.AsSpan(_start, bytes));
    }

    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
        _memory = [];
    }

    private unsafe void Grow(int bytes)
    {
        Accelerator accelerator = on.Stream.Accelerator;
        on.Synchronize();
        Dispose();
        byte[] memory = GC.AllocateUninitializedArray<byte>(checked(bytes + Page), pinned: true);
        nint first = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory)), start = (first + Page - 1) / Page * Page;
        if (accelerator is CudaAccelerator)
        {
            try
            {
                _lock = accelerator.CreatePageLockFromPinned<byte>(start, bytes);
            }
            catch (CudaException exception)
            {
                // A system may limit what is locked: copies are slower then, and right.
                Trace.WriteLine($"{bytes} bytes of host memory could not be page-locked: {exception.Message}");
            }
        }

        (_memory, _start) = (memory, (int)(start - first));
    }
}
