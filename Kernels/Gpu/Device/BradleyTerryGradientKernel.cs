using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Gradient of the mean Bradley–Terry loss in the rewards.</summary>
/// <remarks>
/// <code>
/// dr_c = (1/n) Σ ±slope_i      over the pairs i of response c, + where it stands first          MATH.md §1
///
/// pairs_n      [n]     Pair    row numbers into r
/// starts_R1    [R+1]   int     where the pairs of each response begin in incident
/// incident_2n  [2n]    int     numbers of each response's pairs, ascending
/// slope_n      [n]     float   of the loss of each pair in r_a − r_b
/// dr_R         [R]     float   out
/// </code>
/// Launch: one thread per response, any group size. A gather in a fixed order, so no atomics: each pair is visited twice.
/// Cost: about 50 bytes a visit, two reads that wait for each other; a response in most of the pairs makes one long thread.
/// </remarks>
internal static class BradleyTerryGradientKernel
{
    public static void Run(
        Index1D c, ArrayView<Pair> pairs_n, ArrayView<int> starts_R1, ArrayView<int> incident_2n,
        ArrayView<float> slope_n, ArrayView<float> dr_R, int count)
    {
        double sum = 0;
        for (int at = starts_R1[c]; at < starts_R1[c + 1]; at++)
        {
            int i = incident_2n[at];
            sum += pairs_n[i].First == c ? slope_n[i] : -slope_n[i];
        }

        dr_R[c] = (float)(sum / count);
    }
}
