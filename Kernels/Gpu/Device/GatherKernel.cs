using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Copies rows.</summary>
/// <remarks>
/// <code>
/// to_jc = from_{rows_j, c}
///
/// from_RD  [R,D]   float
/// rows_k   [k]     int     row numbers in [0, R)
/// to_kD    [k,D]   float   out
/// </code>
/// Launch: one thread per number copied, any group size.
/// Cost: 2kD floats of traffic, in runs of D.
/// </remarks>
internal static class GatherKernel
{
    public static void Run(Index1D at, ArrayView<float> from_RD, ArrayView<int> rows_k, ArrayView<float> to_kD, int columns) =>
        to_kD[at] = from_RD[rows_k[at / columns] * columns + at % columns];
}
