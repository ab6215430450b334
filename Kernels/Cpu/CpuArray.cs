namespace FisherKernels.Kernels.Cpu;

/// <summary>Numbers in a managed array; a view shares it.</summary>
internal sealed class CpuArray<T> : DeviceArray<T>
    where T : unmanaged
{
    private readonly T[] _numbers;
    private readonly int _offset;

    internal CpuArray(Backend owner, T[] numbers, int offset, int rows, int columns)
        : base(owner, rows, columns)
    {
        _numbers = numbers;
        _offset = offset;
    }

    internal Span<T> Span => _numbers.AsSpan(_offset, Length);

    public override void Dispose()
    {
        // Managed memory: nothing to give back early.
    }

    private protected override void CopyFromCore(ReadOnlySpan<T> source) => source.CopyTo(Span);

    private protected override void CopyToCore(Span<T> target) => Span.CopyTo(target);

    private protected override void ClearCore() => Span.Clear();

    private protected override DeviceArray<T> ViewCore(int offset, int rows, int columns) =>
        new CpuArray<T>(Owner, _numbers, _offset + offset, rows, columns);
}
