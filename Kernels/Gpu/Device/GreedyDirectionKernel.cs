using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Second of three launches of a greedy step: takes the best pair, lets the one before into M⁻¹, and u = M⁻¹δ.</summary>
/// <remarks>
/// <code>
/// j = arg max_b key_b                                                                   the lower number of equal ones
/// M⁻¹ ← M⁻¹ − weight · u′u′ᵀ                           weight, u′ of the pair before     MATH.md §5
/// u = M⁻¹(φ_a − φ_b)                                   (a, b) = pair j
///
/// key_B, number_B  [B]     double, int   of GreedyBestKernel
/// pairs_n          [n]     Pair          row numbers into φ
/// phi_Rd           [R,d]   float         features
/// weight           [1]     double        0 before the first step
/// before_d         [d]     double        u′; finite before the first step
/// g_n              [n]     double        g_j ← −1: taken
/// inverse_dd       [d,d]   double        in and out; stays symmetric to the last bit
/// u_d              [d]     double        out; another array than u′
/// chosen_c         [c]     int           out at this step: j, or −1 where no pair is allowed, then u and M⁻¹ stay
/// </code>
/// Launch: max(1, ⌈d/8⌉) groups of 64 threads, eight rows of M⁻¹ each; every group finds j again, the first one notes it. 1.3 KB
/// shared memory.
/// Cost: one pass over M⁻¹, read and written, and B numbers a group.
/// </remarks>
internal static class GreedyDirectionKernel
{
    public static void Run(
        ArrayView<double> key_B, ArrayView<int> number_B, ArrayView<Pair> pairs_n, ArrayView<float> phi_Rd, ArrayView<double> weight,
        ArrayView<double> before_d, GreedyLimits limits, ArrayView<double> g_n, ArrayView<double> inverse_dd, ArrayView<double> u_d,
        ArrayView<int> chosen_c, int step, int d)
    {
        ArrayView<double> key_t = SharedMemory.Allocate<double>(Block.Threads);
        ArrayView<int> number_t = SharedMemory.Allocate<int>(Block.Threads);
        ArrayView<double> sum_t = SharedMemory.Allocate<double>(Block.Threads);
        double best = ArgMax.NoKey;
        int number = ArgMax.NoNumber;
        for (int b = Group.IdxX; b < key_B.IntLength; b += Block.Threads)
        {
            if (ArgMax.Before(key_B[b], number_B[b], best, number))
            {
                best = key_B[b];
                number = number_B[b];
            }
        }

        int chosen = ArgMax.Of(key_t, number_t, best, number);
        if (Grid.IdxX == 0 && Group.IdxX == 0)
        {
            chosen_c[step] = chosen;
            if (chosen >= 0)
            {
                g_n[chosen] = GreedyStartKernel.NotToBeChosen;
                limits.Take(chosen);
            }
        }

        if (chosen >= 0)
        {
            int row = RowSum.Row;
            double sum = 0;
            if (row < d)
            {
                int a = pairs_n[chosen].First * d, b = pairs_n[chosen].Second * d;
                for (int k = RowSum.Lane; k < d; k += RowSum.Lanes)
                {
                    // u′u′ᵀ first, then the weight: the same bits on both sides of the diagonal.
                    double entry = inverse_dd[row * d + k] - weight[0] * (before_d[row] * before_d[k]);
                    inverse_dd[row * d + k] = entry;
                    sum += entry * ((double)phi_Rd[a + k] - phi_Rd[b + k]);
                }
            }

            sum = RowSum.Of(sum_t, sum);
            if (row < d && RowSum.Lane == 0)
            {
                u_d[row] = sum;
            }
        }
    }
}
