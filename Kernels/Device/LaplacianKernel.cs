using ILGPU;

namespace FisherKernels.Kernels.Device;

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
/// Cost: reads two rows of φ a pair; 20,000 pairs at d = 64 touch 10 MB, mostly cached.
/// </remarks>
internal static class LaplacianKernel
{
    public static void Run(
        Index1D at, ArrayView<Pair> pairs_n, ArrayView<int> starts_R1, ArrayView<int> incident_2n,
        ArrayView<float> phi_Rd, ArrayView<float> v_n, ArrayView<double> laplacian_Rd, int d)
    {
        int a = at / d, j = at % d;
        double own = phi_Rd[at], sum = 0;
        for (int next = starts_R1[a]; next < starts_R1[a + 1]; next++)
        {
            int i = incident_2n[next];
            int b = pairs_n[i].First == a ? pairs_n[i].Second : pairs_n[i].First;
            sum += v_n[i] * (own - phi_Rd[b * d + j]);
        }

        laplacian_Rd[at] = sum;
    }
}
