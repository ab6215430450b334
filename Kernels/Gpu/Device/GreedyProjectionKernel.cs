using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Third of three launches of a greedy step: s = Φu, and what the pair adds.</summary>
/// <remarks>
/// <code>
/// s_a = φ_aᵀu                             a = 0 … R − 1                                 MATH.md §5
/// q = (φ_a − φ_b)ᵀu                       (a, b) = the pair chosen, as one more row: s_a − s_b would lose what both have in common
/// gain = v q,  weight = v/(1 + v q)
///
/// phi_Rd    [R,d]   float    features
/// pairs_n   [n]     Pair     row numbers into φ
/// v_n       [n]     float    weights, ≥ 0
/// u_d       [d]     double   M⁻¹(φ_a − φ_b)
/// chosen_c  [c]     int      the pair of this step; −1: nothing is done
/// s_R       [R]     double   out
/// gain_c    [c]     double   out at this step
/// weight    [1]     double   out
/// </code>
/// Launch: ⌈(R + 1)/8⌉ groups of 64 threads, eight rows each; 512 bytes shared memory.
/// Cost: one pass over Φ, Rd operations in float64.
/// </remarks>
internal static class GreedyProjectionKernel
{
    public static void Run(
        ArrayView<float> phi_Rd, ArrayView<Pair> pairs_n, ArrayView<float> v_n, ArrayView<double> u_d, ArrayView<int> chosen_c,
        ArrayView<double> s_R, ArrayView<double> gain_c, ArrayView<double> weight, int step, int responses, int d)
    {
        ArrayView<double> sum_t = SharedMemory.Allocate<double>(Block.Threads);
        int chosen = chosen_c[step];
        if (chosen >= 0)
        {
            int row = RowSum.Row;
            double sum = 0;
            if (row < responses)
            {
                for (int k = RowSum.Lane; k < d; k += RowSum.Lanes)
                {
                    sum += phi_Rd[row * d + k] * u_d[k];
                }
            }
            else if (row == responses)
            {
                int a = pairs_n[chosen].First * d, b = pairs_n[chosen].Second * d;
                for (int k = RowSum.Lane; k < d; k += RowSum.Lanes)
                {
                    sum += ((double)phi_Rd[a + k] - phi_Rd[b + k]) * u_d[k];
                }
            }

            sum = RowSum.Of(sum_t, sum);
            if (RowSum.Lane == 0 && row < responses)
            {
                s_R[row] = sum;
            }

            if (RowSum.Lane == 0 && row == responses)
            {
                double v = v_n[chosen], gain = v * sum;
                gain_c[step] = gain;
                weight[0] = v / (1 + gain);
            }
        }
    }
}
