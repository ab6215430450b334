using FisherKernels.Kernels;

namespace FisherKernels.Outside;

/// <summary>Every operation as its formula reads: plain loops in float64 on one thread.</summary>
public sealed partial class OutsideBackend() : Backend(OutsideProvider.BackendName, DeviceName)
{
    internal const string DeviceName = "plain loops";

    internal bool IsDisposed { get; private set; }

    public override void Synchronize()
    {
        // Every operation is complete when it returns.
    }

    public override void Dispose() => IsDisposed = true;

    protected override DeviceArray<T> AllocateCore<T>(int rows, int columns)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return new OutsideArray<T>(this, rows, columns);
    }

    private static Span<T> In<T>(DeviceArray<T> array)
        where T : unmanaged => ((OutsideArray<T>)array).Span;

    private static double Sigma(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));

    // The framework's loses a small x.
    private static double LogOnePlus(double x) => Math.Abs(x) < 0.5 ? 2 * Math.Atanh(x / (2 + x)) : Math.Log(1 + x);
}
