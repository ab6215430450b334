using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>How fast log det M grows with the weight of each pair a &lt; b, for some rows of the R × R matrix of pairs.</summary>
/// <remarks>
/// <code>
/// g_ab = v_ab ‖z_a − z_b‖²      a = first + i/R, b = i mod R                            MATH.md §3, §6
///        −2 where b ≤ a, −1 where that is not a number
///
/// z_Rd  [R,d]   double   whitened features
/// r_R   [R]     float    rewards; v_ab = t/(1 + t)², t = e^−|r_a − r_b|
/// g_nR  [n,R]   float    out, of rows first … first + n − 1
/// </code>
/// The same operations in the same order as LogDetGradientKernel has them: the scores are equal to the last bit.
/// Launch: one thread per number, any group size; no shared memory, no barrier.
/// Cost: 3d operations in float64 a pair; neighbouring threads share z_a.
/// </remarks>
internal static class AllPairsGradientKernel
{
    public const float NotAPair = -2, NotANumber = -1;

    public static void Run(Index1D i, ArrayView<double> z_Rd, ArrayView<float> r_R, ArrayView<float> g_nR, int first, int responses, int d)
    {
        int a = first + i / responses, b = i % responses;
        float score = NotAPair;
        if (b > a)
        {
            float g = (float)(Logistic.Variance(Logistic.Decay(r_R[a] - r_R[b])) * Distance.Squared(z_Rd, a, b, d));
            score = g >= 0 ? g : NotANumber;
        }

        g_nR[i] = score;
    }
}
