using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>Adds up the slices of <see cref="InformationKernel"/>, first slice first.</summary>
/// <remarks>
/// <code>
/// I_jk = Σ_s part_sjk
///
/// part_sdd   [S,d,d]   double
/// fisher_dd  [d,d]     double   out
/// </code>
/// Launch: one thread per number of I, any group size.
/// Cost: reads S·d² doubles once, neighbouring threads neighbouring numbers.
/// </remarks>
internal static class InformationSumKernel
{
    public static void Run(Index1D at, ArrayView<double> part_sdd, ArrayView<double> fisher_dd, int slices, int numbers)
    {
        double sum = 0;
        for (int s = 0; s < slices; s++)
        {
            sum += part_sdd[s * numbers + at];
        }

        fisher_dd[at] = sum;
    }
}
