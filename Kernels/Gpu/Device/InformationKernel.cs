using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Fisher information from the Laplacian, in slices of rows that <see cref="InformationSumKernel"/> adds up.</summary>
/// <remarks>
/// <code>
/// part_sjk = Σ_{a in slice s} φ_aj (ΛΦ)_ak                                             MATH.md §2
///
/// phi_Rd        [R,d]     float
/// laplacian_Rd  [R,d]     double
/// part_sdd      [S,d,d]   double   out
/// </code>
/// Launch: grid (⌈d/32⌉, ⌈d/32⌉, S) of 64 threads, one 32×32 block of a part each; 17.4 KB shared memory.
/// Cost: 2Rd² operations in float64; R = 5,000, d = 64 is 41 MFLOP.
/// </remarks>
internal static class InformationKernel
{
    public static void Run(
        ArrayView<float> phi_Rd, ArrayView<double> laplacian_Rd, ArrayView<double> part_sdd, int rows, int slice, int d)
    {
        ArrayView<double> phi = SharedMemory.Allocate<double>(DoubleBlock.Size);
        ArrayView<double> laplacian = SharedMemory.Allocate<double>(DoubleBlock.Size);
        int k = Grid.IdxX * DoubleBlock.Side, j = Grid.IdxY * DoubleBlock.Side;
        int first = Grid.IdxZ * slice, end = IntrinsicMath.Min(rows, first + slice);
        var sum = default(DoubleTile);
        for (int row = first; row < end; row += DoubleBlock.Side)
        {
            var phiStrip = DoubleStrip.Of(phi_Rd, row, end, j, d);
            var laplacianStrip = DoubleStrip.Of(laplacian_Rd, row, end, k, d);
            phiStrip.Put(phi);
            laplacianStrip.Put(laplacian);
            Group.Barrier();
            sum.Add(phi, laplacian);
            Group.Barrier();
        }

        sum.CopyTo(laplacian);
        Group.Barrier();
        int lane = DoubleBlock.Lane;
        if (k + lane < d)
        {
            for (int r = DoubleBlock.First; r < DoubleBlock.Side && j + r < d; r += DoubleBlock.Lines)
            {
                part_sdd[(Grid.IdxZ * d + j + r) * d + k + lane] = laplacian[r * DoubleBlock.Line + lane];
            }
        }
    }
}
