using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>
/// The Laplacian of all comparisons of R responses, times the features, in slices of the other response that
/// <see cref="InformationSumKernel"/> adds up; v is made where it is used.
/// </summary>
/// <remarks>
/// <code>
/// (ΛΦ)_a = Σ_s Σ_{b in slice s} v_ab (φ_a − φ_b)                                       MATH.md §6
/// part_sa = (Σ_b v_ab) φ'_a − Σ_b v_ab φ'_b      φ' = φ − φ_ref
///
/// phi_Rd    [R,d]     float
/// r_R       [R]       float    rewards; v_ab = t/(1 + t)², t = e^−|r_a − r_b|
/// part_sRd  [S,R,d]   double   out
/// </code>
/// An offset common to all features is in no difference: less the block's first row, ref, it cannot cancel between the terms.
/// Launch: grid (⌈R/32⌉, ⌈d/64⌉, S) of 64 threads, 32 rows and 64 columns of a part each; 26.6 KB shared memory.
/// Cost: 2R²d operations in float64 and R²⌈d/64⌉ exponentials; R = 5,000, d = 64 is 3.2 GFLOP.
/// </remarks>
internal static class AllPairsLaplacianKernel
{
    public const int Columns = 2 * DoubleBlock.Side;

    public static void Run(ArrayView<float> phi_Rd, ArrayView<float> r_R, ArrayView<double> part_sRd, int rows, int slice, int d)
    {
        ArrayView<double> v = SharedMemory.Allocate<double>(DoubleBlock.Size);
        ArrayView<double> left = SharedMemory.Allocate<double>(DoubleBlock.Size);
        ArrayView<double> right = SharedMemory.Allocate<double>(DoubleBlock.Size);
        ArrayView<double> weight = SharedMemory.Allocate<double>(Block.Threads);
        int lane = DoubleBlock.Lane, line = DoubleBlock.First;
        int row = Grid.IdxX * DoubleBlock.Side, j = Grid.IdxY * Columns + lane, next = j + DoubleBlock.Side;
        int first = Grid.IdxZ * slice, end = IntrinsicMath.Min(rows, first + slice);
        bool both = Grid.IdxY * Columns + DoubleBlock.Side < d;
        double leftReference = j < d ? phi_Rd[row * d + j] : 0, rightReference = next < d ? phi_Rd[row * d + next] : 0, total = 0;
        float own = row + lane < rows ? r_R[row + lane] : 0;
        DoubleTile leftSum = default, rightSum = default;
        for (int b = first; b < end; b += DoubleBlock.Side)
        {
            // Not by strips: registers for eight groups a multiprocessor, which are all groups at once, are worth more.
            for (int k = line; k < DoubleBlock.Side; k += DoubleBlock.Lines)
            {
                bool inside = b + k < end;
                int at = k * DoubleBlock.Line + lane;
                double variance = inside ? Logistic.Variance(Logistic.Decay(own - r_R[b + k])) : 0;
                float leftPhi = inside && j < d ? phi_Rd[(b + k) * d + j] : 0, rightPhi = inside && next < d
                    ? phi_Rd[(b + k) * d + next] : 0;
                total += variance;
                v[at] = variance;
                left[at] = leftPhi - leftReference;
                if (both)
                {
                    right[at] = rightPhi - rightReference;
                }
            }

            Group.Barrier();
            if (both)
            {
                DoubleTile.Add(ref leftSum, ref rightSum, v, left, right);
            }
            else
            {
                leftSum.Add(v, left);
            }

            Group.Barrier();
        }

        leftSum.CopyTo(left);
        rightSum.CopyTo(right);
        weight[Group.IdxX] = total;
        Group.Barrier();
        for (int r = line; r < DoubleBlock.Side && row + r < rows; r += DoubleBlock.Lines)
        {
            int from = (row + r) * d, to = (Grid.IdxZ * rows + row + r) * d, at = r * DoubleBlock.Line + lane;
            double sum = weight[r] + weight[DoubleBlock.Side + r];
            if (j < d)
            {
                part_sRd[to + j] = sum * (phi_Rd[from + j] - leftReference) - left[at];
            }

            if (next < d)
            {
                part_sRd[to + next] = sum * (phi_Rd[from + next] - rightReference) - right[at];
            }
        }
    }
}
