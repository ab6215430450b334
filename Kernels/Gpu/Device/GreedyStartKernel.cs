using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>v q of every pair before the first is chosen.</summary>
/// <remarks>
/// <code>
/// g_i = v_i δ_iᵀ M⁻¹ δ_i = v_i ‖z_a − z_b‖²        (a, b) = pair i,  z = L⁻¹φ          MATH.md §3, §5
///       −1 where that is not a number: such a pair is not to be chosen
///
/// pairs_n  [n]     Pair     row numbers into z
/// z_Rd     [R,d]   double   whitened features
/// v_n      [n]     float    weights, ≥ 0
/// g_n      [n]     double   out; LogDetGradientKernel's before they are rounded, as ties must be the CPU's
/// </code>
/// Launch: grid ⌈n/64⌉ of 64 threads, a pair each; 9.2 KB shared memory.
/// Cost: reads 2d doubles a pair, in lines of 16, mostly cached; once a batch.
/// </remarks>
internal static class GreedyStartKernel
{
    public const int NotToBeChosen = -1;

    public static void Run(ArrayView<Pair> pairs_n, ArrayView<double> z_Rd, ArrayView<float> v_n, ArrayView<double> g_n, int n, int d)
    {
        ArrayView<double> difference = SharedMemory.Allocate<double>(PairDistance.Size);
        ArrayView<int> start = SharedMemory.Allocate<int>(PairDistance.Starts);
        double distance2 = PairDistance.Squared(pairs_n, z_Rd, difference, start, n, d);
        int i = Grid.IdxX * PairDistance.Pairs + Group.IdxX;
        if (i < n)
        {
            double g = v_n[i] * distance2;
            g_n[i] = g >= 0 ? g : NotToBeChosen;
        }
    }
}
