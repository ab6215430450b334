using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>Fisher information from the Laplacian, in slices of rows that <see cref="InformationSumKernel"/> adds up.</summary>
/// <remarks>
/// <code>
/// part_sjk = Σ_{a in slice s} φ_aj (ΛΦ)_ak                                             MATH.md §2
///
/// phi_Rd        [R,d]     float
/// laplacian_Rd  [R,d]     double
/// part_sdd      [S,d,d]   double   out
/// </code>
/// Launch: grid (⌈d/32⌉, ⌈d/32⌉, S) of 64 threads, one 32×32 block of a part each; 16.9 KB shared memory.
/// Cost: 2Rd² operations in float64; R = 5,000, d = 64 is 41 MFLOP.
/// </remarks>
internal static class InformationKernel
{
    public static void Run(
        ArrayView<float> phi_Rd, ArrayView<double> laplacian_Rd, ArrayView<double> part_sdd, int rows, int slice, int d)
    {
        ArrayView<double> phi = SharedMemory.Allocate<double>(Block.Size);
        ArrayView<double> laplacian = SharedMemory.Allocate<double>(Block.Size);
        int k = Grid.IdxX * Block.Side, j = Grid.IdxY * Block.Side;
        int first = Grid.IdxZ * slice, end = IntrinsicMath.Min(rows, first + slice);
        var sum = default(DoubleTile);
        for (int row = first; row < end; row += Block.Side)
        {
            Block.Load(phi, phi_Rd, row, end, j, d);
            Block.Load(laplacian, laplacian_Rd, row, end, k, d);
            Group.Barrier();
            sum.Add(phi, laplacian);
            Group.Barrier();
        }

        sum.CopyTo(laplacian);
        Group.Barrier();
        int c = Group.IdxX % Block.Side;
        if (k + c < d)
        {
            for (int r = Group.IdxX / Block.Side; r < Block.Side && j + r < d; r += Block.Threads / Block.Side)
            {
                part_sdd[(Grid.IdxZ * d + j + r) * d + k + c] = laplacian[r * Block.Line + c];
            }
        }
    }
}
