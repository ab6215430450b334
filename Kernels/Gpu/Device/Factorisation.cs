using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>The precision's Cholesky factor and its inverse by one group: what <see cref="FactorKernel"/> and
/// <see cref="FarFactorKernel"/> share.</summary>
/// <remarks>
/// <code>
/// M = λ·1 + I_past + (I + Iᵀ)/2 = L Lᵀ                                                 MATH.md §3
/// </code>
/// Row i of [M | 1] is reduced by the rows above it, j = 0, 1, …:
/// <code>
/// u_k = L_kj   (k &gt; j)        u_j = 1/L_jj        u_k = (L⁻¹)_jk   (k &lt; j)
/// a_ik ← a_ik − u_i u_k        i &gt; j, k ≤ i
/// </code>
/// where a_ik holds what is left of M right of column j, and the coming L⁻¹ left of it: one triangle for both. Every number is
/// one chain of fused multiply-adds in ascending j, with the divisions of <see cref="CholeskyFactor"/>: the same bits.
///
/// Rows are taken in panels of four. The front, a thread for every column k, has the panel's four rows in registers and makes their
/// u, one after
/// the other: a root and a division that nothing else can shorten. The helpers, all other threads, meanwhile take the u of the
/// panel before off the
/// rows below: each number is read once for four of them. Where the threads are too few for both, the front helps itself.
/// Rows are filled up to a multiple of four with those of the identity, which change nothing above them.
/// A pivot that rounding alone could have made, or a number that is not finite, is noted and goes through the motions: nothing is
/// left unwritten.
/// </remarks>
internal static class Factorisation
{
    /// <summary>Rows that are taken together.</summary>
    public const int Panel = 4;

    /// <summary>Most threads of a group.</summary>
    public const int Threads = 512;

    private const int Lanes = PanelHelper.Lanes;

    /// <summary>Threads of the front, without which it cannot run.</summary>
    public static int Front(int d) => (d + Lanes - 1) / Lanes * Lanes;

    /// <summary>Numbers of the triangle.</summary>
    public static int Triangle(int d) => Start(Whole(d));

    /// <summary>Runs it; every thread of the group comes here.</summary>
    /// <param name="from">What M is made of.</param>
    /// <param name="a_T">The triangle, [Triangle(d)].</param>
    /// <param name="u_2Pd">u of two panels, each row <paramref name="width"/> long.</param>
    /// <param name="diagonal_d">M's diagonal, [d] rounded up to whole panels.</param>
    /// <param name="bad">[1], shared memory.</param>
    /// <param name="inverse_dd">L⁻¹ up to the diagonal, out.</param>
    /// <param name="word_1d">Whether there is no factor, and the bits of L's diagonal, out.</param>
    /// <param name="width">At least d rounded up to whole panels.</param>
    public static void Run(
        PrecisionViews from, ArrayView<double> a_T, ArrayView<double> u_2Pd, ArrayView<double> diagonal_d, ArrayView<int> bad,
        ArrayView<double> inverse_dd, ArrayView<ulong> word_1d, int width)
    {
        int d = from.Dimension, all = Whole(d), t = Group.IdxX, front = Front(d);
        if (t == 0)
        {
            bad[0] = 0;
        }

        Group.Barrier();
        from.Fill(a_T, diagonal_d, bad, all);
        Group.Barrier();

        int helper = Group.DimX < 2 * front ? t : t - front, helpers = Group.DimX < 2 * front ? Group.DimX : Group.DimX - front;
        var help = new PanelHelper(helper, helpers, all);
        bool isFront = t < all;
        double largest = 0;
        var rows = default(PanelRows);
        for (int first = 0, half = 0; first < all; first += Panel, half ^= 1)
        {
            ArrayView<double> u_Pd = u_2Pd.SubView(half * Panel * width, Panel * width),
            before_Pd = u_2Pd.SubView((half ^ 1) * Panel * width, Panel * width);
            if (isFront)
            {
                rows.Begin(a_T, before_Pd, first, width);
                rows.Row0(u_Pd, first);
            }

            help.Begin(before_Pd, first, width);
            help.Reduce(a_T, before_Pd, first, 0, all, width);
            Group.Barrier();
            if (isFront)
            {
                rows.Row1(u_Pd, first, width);
            }

            help.Reduce(a_T, before_Pd, first, 1, all, width);
            help.Write(inverse_dd, first, d);
            Group.Barrier();
            if (isFront)
            {
                rows.Row2(u_Pd, first, width);
            }

            help.Reduce(a_T, before_Pd, first, 2, all, width);
            for (int j = first; helper == 0 && j < IntrinsicMath.Min(first + Panel, d); j++)
            {
                largest = Math.Max(largest, diagonal_d[j]);
            }

            Group.Barrier();
            if (isFront)
            {
                rows.Row3(u_Pd, first, width);
            }

            help.Reduce(a_T, before_Pd, first, 3, all, width);
            Group.Barrier();
        }

        help.Begin(u_2Pd.SubView((all / Panel - 1) % 2 * Panel * width, Panel * width), all, width);
        help.Write(inverse_dd, all, d);
        if (helper == 0)
        {
            diagonal_d[0] = largest;
        }

        Group.Barrier();
        if (t < d)
        {
            word_1d[1 + t] = Interop.FloatAsInt(Math.Sqrt(rows.Own));
            if (!(rows.Own > d * CholeskyFactor.Unit * diagonal_d[0]))
            {
                Atomic.Or(ref bad[0], 1);
            }
        }

        Group.Barrier();
        if (t == 0)
        {
            word_1d[0] = (ulong)bad[0];
        }
    }

    /// <summary>Where a row of the triangle begins.</summary>
    public static int Start(int row) => row * (row + 1) / 2;

    private static int Whole(int d) => (d + Panel - 1) / Panel * Panel;
}
