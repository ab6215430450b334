using ILGPU;

namespace FisherKernels.Kernels.Device;

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
/// Launch: one thread per pair, any group size; no shared memory, no barrier.
/// Cost: reads 2d doubles a pair; 20,000 pairs at d = 64 touch 20 MB, mostly cached.
/// </remarks>
internal static class LogDetGradientKernel
{
    public static void Run(
        Index1D i, ArrayView<Pair> pairs_n, ArrayView<double> z_Rd, ArrayView<float> v_n, ArrayView<float> g_n, int d)
    {
        g_n[i] = (float)(v_n[i] * Distance.Squared(z_Rd, pairs_n[i].First, pairs_n[i].Second, d));
    }
}
