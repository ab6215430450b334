using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Algorithms;

namespace FisherKernels.Gpu.Device;

/// <summary>Bradley–Terry loss of every pair, and its slope.</summary>
/// <remarks>
/// <code>
/// loss_i = (1 − h) max(x, 0) + h max(−x, 0) + log(1 + e^−|x|)      x = r_a − r_b,  (a, b) = pair i   MATH.md §1
/// slope_i = σ(x) − h
///
/// pairs_n  [n]   Pair    row numbers into r
/// r_R      [R]   float   rewards
/// h_n      [n]   float   1 where the first response won, soft labels allowed
/// loss_n   [n]   float   out
/// slope_n  [n]   float   out
/// </code>
/// Launch: one thread per pair, any group size.
/// Cost: 28 bytes and about 35 operations a pair.
/// </remarks>
internal static class BradleyTerryLossKernel
{
    public static void Run(
        Index1D i, ArrayView<Pair> pairs_n, ArrayView<float> r_R, ArrayView<float> h_n, ArrayView<float> loss_n, ArrayView<float> slope_n)
    {
        float x = r_R[pairs_n[i].First] - r_R[pairs_n[i].Second], h = h_n[i], decay = Logistic.Decay(x);
        loss_n[i] = (1 - h) * XMath.Max(x, 0f) + h * XMath.Max(-x, 0f) + Logistic.Softplus(decay);
        slope_n[i] = Logistic.Probability(x, decay) - h;
    }
}
