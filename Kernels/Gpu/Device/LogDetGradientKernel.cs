using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>How fast log det M grows with the weight of each candidate pair.</summary>
/// <remarks>
/// <code>
/// g_i = v_i δ_iᵀ M⁻¹ δ_i = v_i ‖z_a − z_b‖²        (a, b) = pair i,  z = L⁻¹φ          MATH.md §3
///
/// pairs_n  [n]     Pair     row numbers into z
/// z_Rd     [R,d]   double   whitened features
/// v_n      [n]     float    p(1 − p), in [0, 1/4]
/// g_n      [n]     float    out, ≥ 0
/// </code>
/// Launch: grid ⌈n/64⌉ of 64 threads, a pair each; 9.2 KB shared memory.
/// Cost: reads 2d doubles a pair, in lines of 16; 20,000 pairs at d = 64 touch 20 MB, mostly cached.
/// </remarks>
internal static class LogDetGradientKernel
{
    public static void Run(ArrayView<Pair> pairs_n, ArrayView<double> z_Rd, ArrayView<float> v_n, ArrayView<float> g_n, int n, int d)
    {
        ArrayView<double> difference = SharedMemory.Allocate<double>(PairDistance.Size);
        ArrayView<int> start = SharedMemory.Allocate<int>(PairDistance.Starts);
        double distance2 = PairDistance.Squared(pairs_n, z_Rd, difference, start, n, d);
        int i = Grid.IdxX * PairDistance.Pairs + Group.IdxX;
        if (i < n)
        {
            g_n[i] = (float)(v_n[i] * distance2);
        }
    }
}
