using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>First of three launches of a greedy step: v q of every pair beside those chosen, and the best allowed pair of each
/// group of threads.</summary>
/// <remarks>
/// <code>
/// g_i ← max(g_i − weight · v_i (s_a − s_b)², 0)        (a, b) = pair i;  weight = v_j/(1 + v_j q_j) of the pair j before        MATH.md §5
/// best = arg max_i key_i over allowed pairs            key_i = g_i, or log(1 + g_i)/cost_i
///
/// pairs_n   [n]   Pair     row numbers into s
/// v_n       [n]   float    weights, ≥ 0
/// s_R       [R]   double   Φu, u = M⁻¹δ_j
/// weight    [1]   double   0 before the first step
/// g_n       [n]   double   in and out; negative where the pair is not to be chosen, and left so
/// key_B     [B]   double   out; the best of the pairs that group b of threads looked at
/// number_B  [B]   int      out; −1 where it found none
/// </code>
/// Launch: any grid of B groups of 64 threads, each walking over the pairs in strides of the grid; 768 bytes shared memory.
/// Cost: 36 bytes of traffic a pair, two gathers from s.
/// </remarks>
internal static class GreedyBestKernel
{
    public static void Run(
        ArrayView<Pair> pairs_n, ArrayView<float> v_n, ArrayView<double> s_R, ArrayView<double> weight, GreedyLimits limits,
        ArrayView<double> g_n, ArrayView<double> key_B, ArrayView<int> number_B, int n)
    {
        ArrayView<double> key_t = SharedMemory.Allocate<double>(Block.Threads);
        ArrayView<int> number_t = SharedMemory.Allocate<int>(Block.Threads);
        double best = ArgMax.NoKey;
        int number = ArgMax.NoNumber;
        int stride = Grid.DimX * Block.Threads;
        // n − i and not i + stride, which may be too large for a number.
        for (int i = Grid.IdxX * Block.Threads + Group.IdxX, left = n - i; left > 0; i += stride, left -= stride)
        {
            double g = g_n[i];
            if (g >= 0)
            {
                double change = s_R[pairs_n[i].First] - s_R[pairs_n[i].Second];
                g -= weight[0] * v_n[i] * (change * change);
                g = g > 0 ? g : 0;
                g_n[i] = g;
                double key = limits.Key(i, g);
                // Numbers ascend: of equal keys the first stays.
                if (key > best && limits.Allow(i))
                {
                    best = key;
                    number = i;
                }
            }
        }

        number = ArgMax.Of(key_t, number_t, best, number);
        if (Group.IdxX == 0)
        {
            key_B[Grid.IdxX] = key_t[0];
            number_B[Grid.IdxX] = number;
        }
    }
}
