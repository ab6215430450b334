using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>The Laplacian of all comparisons of R responses, times the features; v is made where it is used.</summary>
/// <remarks>
/// <code>
/// (ΛΦ)_a = Σ_b v_ab (φ_a − φ_b) = (Σ_b v_ab) φ'_a − Σ_b v_ab φ'_b      φ' = φ − φ_ref      MATH.md §6
///
/// phi_Rd        [R,d]   float
/// r_R           [R]     float    rewards; v_ab = t/(1 + t)², t = e^−|r_a − r_b|
/// laplacian_Rd  [R,d]   double   out
/// </code>
/// An offset common to all features is in no difference: less the block's first row, ref, it cannot cancel between the terms.
/// Launch: grid (⌈R/32⌉, ⌈d/32⌉) of 64 threads, one 32×32 block of ΛΦ each; 12.9 KB shared memory.
/// Cost: 2R²d operations in float64 and R²⌈d/32⌉ exponentials; R = 5,000, d = 64 is 3.2 GFLOP.
/// </remarks>
internal static class AllPairsLaplacianKernel
{
    public static void Run(ArrayView<float> phi_Rd, ArrayView<float> r_R, ArrayView<double> laplacian_Rd, int rows, int d)
    {
        ArrayView<float> v = SharedMemory.Allocate<float>(Block.Size);
        ArrayView<double> phi = SharedMemory.Allocate<double>(Block.Size);
        ArrayView<double> weight = SharedMemory.Allocate<double>(Block.Side);
        int row = Grid.IdxX * Block.Side, column = Grid.IdxY * Block.Side;
        int lane = Group.IdxX % Block.Side, line = Group.IdxX / Block.Side;
        double reference = column + lane < d ? phi_Rd[row * d + column + lane] : 0, total = 0;
        float own = row + lane < rows ? r_R[row + lane] : 0;
        var sum = default(DoubleTile);
        for (int b = 0; b < rows; b += Block.Side)
        {
            for (int k = line; k < Block.Side; k += Block.Threads / Block.Side)
            {
                bool inside = b + k < rows;
                v[k * Block.Line + lane] = inside ? Logistic.Variance(Logistic.Decay(own - r_R[b + k])) : 0;
                phi[k * Block.Line + lane] = inside && column + lane < d ? phi_Rd[(b + k) * d + column + lane] - reference : 0;
            }

            Group.Barrier();
            sum.Add(v, phi);
            if (line == 0)
            {
                for (int k = 0; k < Block.Side; k++)
                {
                    total += v[k * Block.Line + lane];
                }
            }

            Group.Barrier();
        }

        sum.CopyTo(phi);
        if (line == 0)
        {
            weight[lane] = total;
        }

        Group.Barrier();
        if (column + lane < d)
        {
            for (int r = line; r < Block.Side && row + r < rows; r += Block.Threads / Block.Side)
            {
                int at = (row + r) * d + column + lane;
                laplacian_Rd[at] = weight[r] * (phi_Rd[at] - reference) - phi[r * Block.Line + lane];
            }
        }
    }
}
