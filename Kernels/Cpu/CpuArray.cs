namespace FisherKernels.Kernels.Cpu;

/// <summary>Numbers in a managed array; a view shares it.</summary>
internal sealed class CpuArray<T> : DeviceArray<T>
    where T : unmanaged
{
    private readonly CpuArray<T>? _whole;
    private readonly T[] _numbers;
    private readonly int _offset;
    private bool _isDisposed;

    internal CpuArray(CpuBackend owner, T[] numbers, int offset, int rows, int columns)
        : base(owner, rows, columns) => (_numbers, _offset) = (numbers, offset);

    private CpuArray(CpuArray<T> whole, int offset, int rows, int columns)
        : base(whole.Owner, rows, columns) => (_whole, _numbers, _offset) = (whole, whole._numbers, offset);

    public override bool IsDisposed => (_whole ?? this)._isDisposed || ((CpuBackend)Owner).IsDisposed;

    public override ReadOnlyMemory<T>? OnHost
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return _numbers.AsMemory(_offset, Length);
        }
    }

    internal Span<T> Span => _numbers.AsSpan(_offset, Length);

    // Managed memory is not given back early, but is refused from here on, as a device would: what works here works there.
    public override void Dispose() => _isDisposed = true;

    protected override void CopyFromCore(ReadOnlySpan<T> source) => source.CopyTo(Span);

    protected override void CopyToCore(Span<T> target) => Span.CopyTo(target);

    protected override void ClearCore() => Span.Clear();

    protected override DeviceArray<T> ViewCore(int offset, int rows, int columns) =>
        new CpuArray<T>(_whole ?? this, _offset + offset, rows, columns);
}
