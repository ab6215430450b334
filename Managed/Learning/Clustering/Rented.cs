using System.Buffers;
using FisherKernels.Kernels.Cpu;

namespace FisherKernels.Learning.Clustering;

/// <summary>Numbers of any value from the pool that all share, from a cache line on as long as the collector leaves them where they are; its maker gives them back.</summary>
/// <remarks>What is made afresh for every score is large enough to bring the collector round, and comes without pages behind it.</remarks>
/// <typeparam name="T">What is held.</typeparam>
internal readonly struct Rented<T> : IDisposable
    where T : unmanaged
{
    private readonly T[] _numbers;
    private readonly int _start, _length;

    /// <summary>So many.</summary>
    public Rented(int length)
    {
        _numbers = ArrayPool<T>.Shared.Rent(length + Scratch.Spare<T>());
        (_start, _length) = (Scratch.Line(_numbers), length);
    }

    /// <summary>A copy.</summary>
    public Rented(ReadOnlySpan<T> source)
        : this(source.Length) => source.CopyTo(Span);

    /// <summary>The numbers.</summary>
    public Span<T> Span => _numbers.AsSpan(_start, _length);

    /// <summary>The same, for whoever cannot hold a span.</summary>
    public Memory<T> Memory => _numbers.AsMemory(_start, _length);

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<T>.Shared.Return(_numbers);
}
