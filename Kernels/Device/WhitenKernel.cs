using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>Features in the coordinates in which the precision is the identity.</summary>
/// <remarks>
/// <code>
/// z_aj = Σ_{k ≤ j} φ_ak L⁻¹_jk                                                         MATH.md §3
///
/// phi_Rd      [R,d]   float
/// inverse_dd  [d,d]   double   L⁻¹; not read above the diagonal
/// z_Rd        [R,d]   double   out
/// </code>
/// Launch: grid (⌈R/32⌉, ⌈d/32⌉) of 64 threads, one 32×32 block of z each; 16.9 KB shared memory.
/// Cost: Rd² operations in float64; blocks above the diagonal are skipped.
/// </remarks>
internal static class WhitenKernel
{
    public static void Run(ArrayView<float> phi_Rd, ArrayView<double> inverse_dd, ArrayView<double> z_Rd, int rows, int d)
    {
        ArrayView<double> phi = SharedMemory.Allocate<double>(Block.Size);
        ArrayView<double> inverse = SharedMemory.Allocate<double>(Block.Size);
        int row = Grid.IdxX * Block.Side, column = Grid.IdxY * Block.Side;
        int lane = Group.IdxX % Block.Side, line = Group.IdxX / Block.Side;
        var sum = default(DoubleTile);
        for (int k = 0; k <= column; k += Block.Side)
        {
            Block.LoadTransposed(phi, phi_Rd, row, rows, k, d);
            for (int j = line; j < Block.Side; j += Block.Threads / Block.Side)
            {
                inverse[lane * Block.Line + j] =
                    column + j < d && k + lane <= column + j ? inverse_dd[(column + j) * d + k + lane] : 0;
            }

            Group.Barrier();
            sum.Add(phi, inverse);
            Group.Barrier();
        }

        sum.CopyTo(inverse);
        Group.Barrier();
        if (column + lane < d)
        {
            for (int r = line; r < Block.Side && row + r < rows; r += Block.Threads / Block.Side)
            {
                z_Rd[(row + r) * d + column + lane] = inverse[r * Block.Line + lane];
            }
        }
    }
}
