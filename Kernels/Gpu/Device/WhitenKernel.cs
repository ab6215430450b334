using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Features in the coordinates in which the precision is the identity.</summary>
/// <remarks>
/// <code>
/// z_aj = Σ_{k ≤ j} φ_ak L⁻¹_jk                                                         MATH.md §3
///
/// phi_Rd      [R,d]   float
/// inverse_dd  [d,d]   double   L⁻¹; not read above the diagonal
/// z_Rd        [R,d]   double   out
/// </code>
/// Launch: grid (⌈R/32⌉, ⌈d/32⌉) of 64 threads, one 32×32 block of z each; 17.4 KB shared memory.
/// Cost: Rd² operations in float64; blocks above the diagonal are skipped.
/// </remarks>
internal static class WhitenKernel
{
    public static void Run(ArrayView<float> phi_Rd, ArrayView<double> inverse_dd, ArrayView<double> z_Rd, int rows, int d)
    {
        ArrayView<double> phi = SharedMemory.Allocate<double>(DoubleBlock.Size);
        ArrayView<double> inverse = SharedMemory.Allocate<double>(DoubleBlock.Size);
        int row = Grid.IdxX * DoubleBlock.Side, column = Grid.IdxY * DoubleBlock.Side, lane = DoubleBlock.Lane;
        var sum = default(DoubleTile);
        for (int k = 0; k <= column; k += DoubleBlock.Side)
        {
            var phiStrip = DoubleStrip.Of(phi_Rd, row, rows, k, d);
            var inverseStrip = DoubleStrip.OfLower(inverse_dd, column, k, d);
            phiStrip.PutTransposed(phi);
            inverseStrip.PutTransposed(inverse);
            Group.Barrier();
            sum.Add(phi, inverse);
            Group.Barrier();
        }

        sum.CopyTo(inverse);
        Group.Barrier();
        if (column + lane < d)
        {
            for (int r = DoubleBlock.First; r < DoubleBlock.Side && row + r < rows; r += DoubleBlock.Lines)
            {
                z_Rd[(row + r) * d + column + lane] = inverse[r * DoubleBlock.Line + lane];
            }
        }
    }
}
