namespace FisherKernels.Kernels;

/// <summary>Memory between the operations that the best pairs are composed of, where they compute: kept for the next call, and replaced
/// by more where it is too small.</summary>
/// <remarks>Goes with its backend, as all arrays do.</remarks>
internal sealed class BestScratch(Backend on)
{
    private DeviceArray<double>? _matrix, _whitened;

    /// <summary>[d, d] of any value.</summary>
    public DeviceArray<double> Matrix(int d) => Take(ref _matrix, d, d);

    /// <summary>[R, d] of any value.</summary>
    public DeviceArray<double> Whitened(int responses, int d) => Take(ref _whitened, responses, d);

    private DeviceArray<double> Take(ref DeviceArray<double>? kept, int rows, int columns)
    {
        int length = rows * columns;
        if (kept is null || kept.Length < length)
        {
            kept?.Dispose();
            kept = null;
            kept = on.Allocate<double>(length);
        }

        return kept.View(0, rows, columns);
    }
}
