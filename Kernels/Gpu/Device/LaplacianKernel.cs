using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>The weighted graph Laplacian of the pairs, times the features.</summary>
/// <remarks>
/// <code>
/// (ΛΦ)_a = Σ v_i (φ_a − φ_b)      over the pairs i of response a, b the other one        MATH.md §2
///
/// pairs_n       [n]     Pair     row numbers into phi
/// starts_R1     [R+1]   int      where the pairs of each response begin in incident
/// incident_2n   [2n]    int      numbers of each response's pairs, ascending
/// phi_Rd        [R,d]   float
/// v_n           [n]     float
/// laplacian_Rd  [R,d]   double   out
/// </code>
/// Launch: one thread per number of ΛΦ, any group size. A gather in a fixed order, so no atomics.
/// Cost: reads two rows of φ a pair; 20,000 pairs at d = 64 touch 10 MB, mostly cached. A row of φ is known when the pair is, and the pair
/// when its number is: four pairs are followed at a time.
/// </remarks>
internal static class LaplacianKernel
{
    public static void Run(
        Index1D at, ArrayView<Pair> pairs_n, ArrayView<int> starts_R1, ArrayView<int> incident_2n,
        ArrayView<float> phi_Rd, ArrayView<float> v_n, ArrayView<double> laplacian_Rd, int d)
    {
        int a = at / d, j = at % d, end = starts_R1[a + 1], next = starts_R1[a];
        double own = phi_Rd[at], sum = 0;
        for (; next + 3 < end; next += 4)
        {
            int i0 = incident_2n[next], i1 = incident_2n[next + 1], i2 = incident_2n[next + 2], i3 = incident_2n[next + 3];
            int b0 = Other(pairs_n, i0, a), b1 = Other(pairs_n, i1, a), b2 = Other(pairs_n, i2, a), b3 = Other(pairs_n, i3, a);
            float v0 = v_n[i0], v1 = v_n[i1], v2 = v_n[i2], v3 = v_n[i3];
            float phi0 = phi_Rd[b0 * d + j], phi1 = phi_Rd[b1 * d + j], phi2 = phi_Rd[b2 * d + j], phi3 = phi_Rd[b3 * d + j];
            sum += v0 * (own - phi0);
            sum += v1 * (own - phi1);
            sum += v2 * (own - phi2);
            sum += v3 * (own - phi3);
        }

        for (; next < end; next++)
        {
            int i = incident_2n[next];
            sum += v_n[i] * (own - phi_Rd[Other(pairs_n, i, a) * d + j]);
        }

        laplacian_Rd[at] = sum;
    }

    // Of a and b, the one that is not a; without a choice there is nothing to wait for.
    private static int Other(ArrayView<Pair> pairs_n, int i, int a) => pairs_n[i].First ^ pairs_n[i].Second ^ a;
}
