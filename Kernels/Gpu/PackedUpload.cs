using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Gpu;

/// <summary>Several arrays on their way to a device in few copies, out of page-locked memory; both kept for the next time.</summary>
internal sealed class PackedUpload(GpuBackend on) : IDisposable
{
    /// <summary>More would lock too much of a host's memory, and gain little: the copy itself takes milliseconds then.</summary>
    public const int Most = 1 << 26;

    // Where each array begins: wide enough for any load, and for what a driver wants of a view.
    private const int Alignment = 256;

    private readonly PageLocked _host = new(on);
    private readonly GpuBackend.Scratch<byte> _device = new(on);
    private ArrayView<byte> _there;
    private int _sent, _used, _total;
    private bool _underway;

    /// <summary>Bytes that an array takes.</summary>
    public static long Room<T>(int length)
        where T : unmanaged => ((long)length * Unsafe.SizeOf<T>() + Alignment - 1) / Alignment * Alignment;

    /// <summary>Begins anew.</summary>
    /// <param name="bytes">The sum of all <see cref="Room{T}"/>, at most <see cref="Most"/>.</param>
    public void Begin(long bytes)
    {
        // Its copies may still be running if nobody waited for what came of it.
        if (_underway)
        {
            on.Synchronize();
        }

        // A view cannot start behind its end.
        (_sent, _used, _total, _underway) = (0, 0, (int)bytes + Alignment, false);
        _there = _device.Take(_total);
        _ = _host.Take<byte>(_total);
    }

    /// <summary>Room for the next array, to be filled before <see cref="Send"/>.</summary>
    /// <param name="length">Numbers.</param>
    /// <param name="there">Where they will be on the device.</param>
    public Span<T> Add<T>(int length, out ArrayView<T> there)
        where T : unmanaged
    {
        int start = _used, bytes = length * Unsafe.SizeOf<T>();
        _used += (int)Room<T>(length);
        // Real memory also for nothing.
        there = _there.SubView(start, Math.Max(bytes, Unsafe.SizeOf<T>())).Cast<T>();
        return MemoryMarshal.Cast<byte, T>(_host.Take<byte>(_total).Slice(start, bytes));
    }

    /// <summary>Queues a copy of what was added since the last one, and does not wait for it.</summary>
    public void Send()
    {
        if (_used > _sent)
        {
            _underway = true;
            _there.SubView(_sent, _used - _sent).CopyFromCPUUnsafeAsync(on.Stream, ref _host.Take<byte>(_total)[_sent], _used - _sent);
            _sent = _used;
        }
    }

    /// <summary>What was queued after the copies is done, and so are they.</summary>
    public void Arrived() => _underway = false;

    public void Dispose()
    {
        // Pages are not let go of while they are read.
        try
        {
            if (_underway)
            {
                on.Synchronize();
            }
        }
        finally
        {
            _underway = false;
            _host.Dispose();
            _device.Dispose();
        }
    }
}
