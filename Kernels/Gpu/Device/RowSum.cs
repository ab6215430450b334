using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Sums over the columns of eight rows by a group of 64 threads, eight lanes a row.</summary>
/// <remarks>Lane l takes columns l, l + 8, …: neighbouring threads read neighbouring numbers. Then the lanes are added, first lane
/// first.</remarks>
internal static class RowSum
{
    public const int Lanes = 8, Rows = Block.Threads / Lanes;

    public static int Lane => Group.IdxX % Lanes;

    /// <summary>The row of this thread, counted over the grid.</summary>
    public static int Row => Grid.IdxX * Rows + Group.IdxX / Lanes;

    /// <summary>Groups for so many rows.</summary>
    public static int Count(int rows) => (rows + Rows - 1) / Rows;

    /// <summary>The sum of the thread's row.</summary>
    /// <param name="sum_t">[64], shared memory.</param>
    /// <param name="sum">Of the thread's own columns.</param>
    public static double Of(ArrayView<double> sum_t, double sum)
    {
        sum_t[Group.IdxX] = sum;
        Group.Barrier();
        int first = Group.IdxX - Lane;
        double total = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            total += sum_t[first + lane];
        }

        return total;
    }
}
