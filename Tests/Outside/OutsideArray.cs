using FisherKernels.Kernels;

namespace FisherKernels.Outside;

/// <summary>Numbers in a plain array; a view shares it.</summary>
internal sealed class OutsideArray<T> : DeviceArray<T>
    where T : unmanaged
{
    private readonly OutsideArray<T>? _source;
    private readonly T[] _numbers;
    private readonly int _offset;
    private bool _isDisposed;

    public OutsideArray(OutsideBackend owner, int rows, int columns)
        : base(owner, rows, columns) => _numbers = new T[rows * columns];

    private OutsideArray(OutsideArray<T> source, int offset, int rows, int columns)
        : base(source.Owner, rows, columns) => (_source, _numbers, _offset) = (source, source._numbers, offset);

    public override bool IsDisposed => (_source ?? this)._isDisposed || ((OutsideBackend)Owner).IsDisposed;

    public Span<T> Span => _numbers.AsSpan(_offset, Length);

    public override void Dispose() => _isDisposed = true;

    protected override void CopyFromCore(ReadOnlySpan<T> source) => source.CopyTo(Span);

    protected override void CopyToCore(Span<T> target) => Span.CopyTo(target);

    protected override void ClearCore() => Span.Clear();

    protected override DeviceArray<T> ViewCore(int offset, int rows, int columns) =>
        new OutsideArray<T>(_source ?? this, _offset + offset, rows, columns);
}
