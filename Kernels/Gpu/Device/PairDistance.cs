using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Distances between the rows of 64 pairs, by a group of 64 threads.</summary>
/// <remarks>
/// <code>
/// ‖z_a − z_b‖² = Σ_j (z_aj − z_bj)²      (a, b) = pair i,  j ascending
///
/// difference_ij  64 lines of 17   double   shared memory: sixteen columns of all pairs at a time, a line of odd length a pair
/// start_2i       [128]            int      shared memory: where the rows of each pair begin
/// </code>
/// Sixteen threads read a pair's sixteen columns, which are one line of the cache in each row; then every thread sums the
/// differences of its own
/// pair. A thread that read its pair's rows by itself would share no line with its neighbours.
/// </remarks>
internal static class PairDistance
{
    public const int Pairs = Block.Threads, Columns = 16, Line = Columns + 1, Size = Pairs * Line, Starts = 2 * Pairs;

    // Pairs that are read at once, and how many of them a thread has under way.
    private const int Step = Block.Threads / Columns, Ahead = 8;

    public static int Groups(int pairs) => (pairs + Pairs - 1) / Pairs;

    /// <summary>The squared distance of the thread's pair; of pairs behind the last one it means nothing.</summary>
    /// <param name="pairs_n">[n].</param>
    /// <param name="z_Rd">[R, d].</param>
    /// <param name="difference_ij">Shared memory.</param>
    /// <param name="start_2i">Shared memory.</param>
    /// <param name="n">n.</param>
    /// <param name="d">d.</param>
    public static double Squared(
        ArrayView<Pair> pairs_n, ArrayView<double> z_Rd, ArrayView<double> difference_ij, ArrayView<int> start_2i, int n, int d)
    {
        int t = Group.IdxX;
        Pair own = pairs_n[IntrinsicMath.Min(Grid.IdxX * Pairs + t, n - 1)];
        start_2i[2 * t] = own.First * d;
        start_2i[2 * t + 1] = own.Second * d;
        Group.Barrier();
        int lane = t % Columns, line = t / Columns;
        double sum = 0;
        for (int j = 0; j < d; j += Columns)
        {
            // Zero behind the last column: a sum of squares stays as it is.
            bool isInside = j + lane < d;
            for (int pair = line; pair < Pairs; pair += Ahead * Step)
            {
                double d0 = At(z_Rd, start_2i, pair, j + lane, isInside);
                double d1 = At(z_Rd, start_2i, pair + Step, j + lane, isInside);
                double d2 = At(z_Rd, start_2i, pair + 2 * Step, j + lane, isInside);
                double d3 = At(z_Rd, start_2i, pair + 3 * Step, j + lane, isInside);
                double d4 = At(z_Rd, start_2i, pair + 4 * Step, j + lane, isInside);
                double d5 = At(z_Rd, start_2i, pair + 5 * Step, j + lane, isInside);
                double d6 = At(z_Rd, start_2i, pair + 6 * Step, j + lane, isInside);
                double d7 = At(z_Rd, start_2i, pair + 7 * Step, j + lane, isInside);
                int at = pair * Line + lane;
                difference_ij[at] = d0;
                difference_ij[at + Step * Line] = d1;
                difference_ij[at + 2 * Step * Line] = d2;
                difference_ij[at + 3 * Step * Line] = d3;
                difference_ij[at + 4 * Step * Line] = d4;
                difference_ij[at + 5 * Step * Line] = d5;
                difference_ij[at + 6 * Step * Line] = d6;
                difference_ij[at + 7 * Step * Line] = d7;
            }

            Group.Barrier();
            for (int c = 0; c < Columns; c++)
            {
                double dz = difference_ij[t * Line + c];
                sum += dz * dz;
            }

            Group.Barrier();
        }

        return sum;
    }

    private static double At(ArrayView<double> z_Rd, ArrayView<int> start_2i, int pair, int column, bool isInside) =>
        isInside ? z_Rd[start_2i[2 * pair] + column] - z_Rd[start_2i[2 * pair + 1] + column] : 0;
}
