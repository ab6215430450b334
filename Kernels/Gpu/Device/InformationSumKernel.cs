using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Adds up the slices of <see cref="InformationKernel"/> or <see cref="AllPairsLaplacianKernel"/>, in a fixed order.</summary>
/// <remarks>
/// <code>
/// sum_n = Σ_l Σ_i part_(l + i·lanes)n      l in 0…lanes − 1, l first, both ascending
///
/// part_sn  [S,n]   double
/// sum_n    [n]     double   out; I has d² numbers, ΛΦ R·d
/// </code>
/// Launch: groups of any multiple of the lanes up to 1024; a group of 256 and 8 lanes adds up 32 numbers, a lane every eighth slice of
/// them. With many slices and few numbers, lanes are what fills a device. 8 KB shared memory.
/// Cost: reads S·n doubles once, neighbouring threads neighbouring numbers.
/// </remarks>
internal static class InformationSumKernel
{
    /// <summary>Most threads of a group.</summary>
    public const int Threads = 1024;

    private const int Many = 8;

    /// <summary>A function of the shape alone, as the order of summation is.</summary>
    public static int Lanes(int slices) => slices >= 2 * Many ? Many : 1;

    public static void Run(ArrayView<double> part_sn, ArrayView<double> sum_n, int slices, int numbers, int lanes)
    {
        ArrayView<double> sum_t = SharedMemory.Allocate<double>(Threads);
        int width = Group.DimX / lanes, lane = Group.IdxX / width, n = Grid.IdxX * width + Group.IdxX % width;
        // One comparison a step: a loop with two is not unrolled.
        int end = n < numbers ? slices : 0;
        double sum = 0;
        for (int s = lane; s < end; s += lanes)
        {
            sum += part_sn[s * numbers + n];
        }

        sum_t[Group.IdxX] = sum;
        Group.Barrier();
        if (lane == 0 && n < numbers)
        {
            double total = 0;
            for (int l = 0; l < lanes; l++)
            {
                total += sum_t[l * width + Group.IdxX];
            }

            sum_n[n] = total;
        }
    }
}
