using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>M⁻¹ in the shared memory of a group of 512 threads, of which eight own each column.</summary>
/// <remarks>
/// <code>
/// here_dd   [64,64]   double   M⁻¹, filled up with zeros, as are u and δ
/// u_d       [64]      double   M⁻¹δ
/// </code>
/// Four rows at a time, written out: ILGPU unrolls nothing, and a loop that loads one number waits for each.
/// Distances from where a view begins, and not from its array's beginning, are parts of a load.
/// </remarks>
internal static class GreedyInverse
{
    public const int Threads = 512, Side = 64;

    private const int Lanes = Threads / Side, Rows = 4, Apart = Lanes * Side;

    /// <summary>From a matrix of d × d; a barrier has to follow.</summary>
    public static void Load(ArrayView<double> here_dd, ArrayView<double> inverse_dd, int d)
    {
        for (int i = Group.IdxX; i < Side * Side; i += Threads)
        {
            int row = i / Side, k = i % Side;
            here_dd[i] = row < d && k < d ? inverse_dd[row * d + k] : 0;
        }
    }

    /// <summary>M⁻¹ ← M⁻¹ − weight · uuᵀ; uuᵀ first, then the weight: the same bits on both sides of the diagonal.</summary>
    public static void Update(ArrayView<double> here_dd, ArrayView<double> u_d, double weight, int columns)
    {
        int column = Group.IdxX % Side;
        if (column < columns)
        {
            double u = u_d[column];
            for (int k = Group.IdxX / Side; k < columns; k += Rows * Lanes)
            {
                ArrayView<double> here = here_dd.SubView(k * Side + column, (Rows - 1) * Apart + 1),
                us = u_d.SubView(k, (Rows - 1) * Lanes + 1);
                double entry0 = here[0], entry1 = here[Apart], entry2 = here[2 * Apart], entry3 = here[3 * Apart];
                entry0 -= weight * (u * us[0]);
                entry1 -= weight * (u * us[Lanes]);
                entry2 -= weight * (u * us[2 * Lanes]);
                entry3 -= weight * (u * us[3 * Lanes]);
                here[0] = entry0;
                here[Apart] = entry1;
                here[2 * Apart] = entry2;
                here[3 * Apart] = entry3;
            }
        }
    }

    /// <summary>u = M⁻¹δ, for all threads: columns for rows, as M⁻¹ is symmetric. A thread's numbers of M⁻¹ are those that it
    /// updated.</summary>
    public static void Direction(
        ArrayView<double> here_dd, ArrayView<double> delta_d, ArrayView<double> part_t, ArrayView<double> u_d, int d)
    {
        int t = Group.IdxX, column = t % Side;
        double sum = 0;
        for (int k = t / Side; k < d; k += Rows * Lanes)
        {
            ArrayView<double> here = here_dd.SubView(k * Side + column, (Rows - 1) * Apart + 1),
            delta = delta_d.SubView(k, (Rows - 1) * Lanes + 1);
            sum += here[0] * delta[0];
            sum += here[Apart] * delta[Lanes];
            sum += here[2 * Apart] * delta[2 * Lanes];
            sum += here[3 * Apart] * delta[3 * Lanes];
        }

        part_t[t] = sum;
        Group.Barrier();
        if (t < d)
        {
            double total = 0;
            for (int lane = 0; lane < Lanes; lane++)
            {
                total += part_t[lane * Side + t];
            }

            u_d[t] = total;
        }

        Group.Barrier();
    }

    /// <summary>aᵀb by one thread, in four strands, which do not wait for each other.</summary>
    public static double Dot(ArrayView<double> a_d, ArrayView<double> b_d, int d)
    {
        double sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        int k = 0;
        for (; k + 3 < d; k += 4)
        {
            sum0 += a_d[k] * b_d[k];
            sum1 += a_d[k + 1] * b_d[k + 1];
            sum2 += a_d[k + 2] * b_d[k + 2];
            sum3 += a_d[k + 3] * b_d[k + 3];
        }

        for (; k < d; k++)
        {
            sum0 += a_d[k] * b_d[k];
        }

        return sum0 + sum1 + (sum2 + sum3);
    }
}
