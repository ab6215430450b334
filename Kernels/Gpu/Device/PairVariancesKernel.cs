using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Bernoulli variance of every comparison.</summary>
/// <remarks>
/// <code>
/// v_i = t/(1 + t)²      t = e^−|r_a − r_b|,  (a, b) = pair i                            MATH.md §2
///
/// pairs_n  [n]   Pair    row numbers into r
/// r_R      [R]   float   rewards
/// v_n      [n]   float   out, in [0, 1/4]
/// </code>
/// Launch: one thread per pair, any group size.
/// Cost: 20 bytes and one exponential a pair.
/// </remarks>
internal static class PairVariancesKernel
{
    public static void Run(Index1D i, ArrayView<Pair> pairs_n, ArrayView<float> r_R, ArrayView<float> v_n) =>
        v_n[i] = Logistic.Variance(Logistic.Decay(r_R[pairs_n[i].First] - r_R[pairs_n[i].Second]));
}
