using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>Adds up the slices of <see cref="InformationKernel"/> or <see cref="AllPairsLaplacianKernel"/>, first slice first.</summary>
/// <remarks>
/// <code>
/// sum_n = Σ_s part_sn
///
/// part_sn  [S,n]   double
/// sum_n    [n]     double   out; I has d² numbers, ΛΦ R·d
/// </code>
/// Launch: one thread per number of the sum, any group size.
/// Cost: reads S·n doubles once, neighbouring threads neighbouring numbers.
/// </remarks>
internal static class InformationSumKernel
{
    public static void Run(Index1D at, ArrayView<double> part_sn, ArrayView<double> sum_n, int slices, int numbers)
    {
        double sum = 0;
        for (int s = 0; s < slices; s++)
        {
            sum += part_sn[s * numbers + at];
        }

        sum_n[at] = sum;
    }
}
