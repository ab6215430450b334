using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>The precision's Cholesky factor and its inverse, in one group.</summary>
/// <remarks>
/// <code>
/// M = λ·1 + I_past + (I + Iᵀ)/2 = L Lᵀ                                                 MATH.md §3
///
/// fisher_dd   [d,d]             double   I, symmetric up to rounding
/// past_dd     [d,d]             double   I_past, likewise; read only where hasPast is 1
/// memory      [d + d(d+1)/2]    double   scratch where d &gt; 96, else not touched
/// inverse_dd  [d,d]             double   out: L⁻¹ up to the diagonal; as it was where M has no factor
/// word_1d     [1+d]             ulong    out: 0 where M is factored, else 1; then the bits of L's diagonal
/// </code>
/// Row i of [M | 1] is reduced by the rows above it, j = 0, 1, …:
/// <code>
/// u_k = L_kj   (k &gt; j)        u_j = 1/L_jj        u_k = (L⁻¹)_jk   (k &lt; j)
/// a_ik ← a_ik − u_i u_k        i &gt; j, k ≤ i
/// </code>
/// where a_ik holds what is left of M right of column j, and the coming L⁻¹ left of it: one triangle for both. Every number is
/// one chain of fused multiply-adds in ascending j, with the divisions of <see cref="CholeskyFactor"/>: the same bits.
/// A pivot that rounding alone could have made, and a number that is not finite, end it.
///
/// Launch: one group of any multiple of 32 threads; 38 KB shared memory, which holds the triangle where d ≤ 96.
/// Cost: d³/3 operations in float64 and 2d barriers; at d = 64 a pass over 2,080 numbers 64 times.
/// </remarks>
internal static class FactorKernel
{
    /// <summary>Largest d whose triangle is in shared memory.</summary>
    public const int Near = 96;

    /// <summary>Largest d that one group is given: its work grows as d³, the host's journey as d². Where they meet was not measured.</summary>
    public const int Most = 256;

    private const int Lanes = 32;

    /// <summary>Numbers of scratch.</summary>
    public static int Memory(int d) => d + Start(d);

    public static void Run(
        ArrayView<double> fisher_dd, ArrayView<double> past_dd, ArrayView<double> memory, ArrayView<double> inverse_dd, ArrayView<ulong> word_1d,
        double ridge, int d, int hasPast)
    {
        ArrayView<double> near = SharedMemory.Allocate<double>(Near + Near * (Near + 1) / 2);
        ArrayView<int> bad = SharedMemory.Allocate<int>(1);
        ArrayView<double> all = d <= Near ? near : memory;
        ArrayView<double> u_d = all.SubView(0, d), a_T = all.SubView(d, Start(d));
        int t = Group.IdxX, lane = t % Lanes, line = t / Lanes, lines = Group.DimX / Lanes;
        if (t == 0)
        {
            bad[0] = 0;
        }

        Group.Barrier();
        for (int i = line; i < d; i += lines)
        {
            for (int k = lane; k <= i; k += Lanes)
            {
                double entry = Symmetric(fisher_dd, i, k, d);
                if (hasPast == 1)
                {
                    entry += Symmetric(past_dd, i, k, d);
                }

                if (!(entry <= double.MaxValue && entry >= double.MinValue))
                {
                    bad[0] = 1;
                }

                a_T[Start(i) + k] = i == k ? entry + ridge : entry;
            }
        }

        Group.Barrier();
        double largest = 0;
        for (int j = 0; j < d; j++)
        {
            largest = Math.Max(largest, a_T[Start(j) + j]);
        }

        double floor = d * CholeskyFactor.Unit * largest;
        bool goesOn = bad[0] == 0;
        for (int j = 0; goesOn && j < d; j++)
        {
            int own = Start(j);
            double pivot = a_T[own + j];
            goesOn = pivot > floor;
            double root = Math.Sqrt(goesOn ? pivot : 1);
            for (int k = t; k < d; k += Group.DimX)
            {
                u_d[k] = (k < j ? a_T[own + k] : k == j ? 1 : a_T[Start(k) + j]) / root;
            }

            if (t == 0)
            {
                word_1d[1 + j] = Interop.FloatAsInt(root);
            }

            Group.Barrier();
            for (int k = t; k <= j; k += Group.DimX)
            {
                a_T[own + k] = u_d[k];
            }

            for (int i = j + 1 + line; i < d; i += lines)
            {
                double scale = -u_d[i];
                for (int k = lane; k <= i; k += Lanes)
                {
                    int at = Start(i) + k;
                    a_T[at] = Fused.MultiplyAdd(scale, u_d[k], k == j ? 0 : a_T[at]);
                }
            }

            Group.Barrier();
        }

        if (t == 0)
        {
            word_1d[0] = goesOn ? 0UL : 1UL;
        }

        for (int i = line; goesOn && i < d; i += lines)
        {
            for (int k = lane; k <= i; k += Lanes)
            {
                inverse_dd[i * d + k] = a_T[Start(i) + k];
            }
        }
    }

    private static int Start(int row) => row * (row + 1) / 2;

    private static double Symmetric(ArrayView<double> matrix_dd, int i, int k, int d) =>
        i == k ? matrix_dd[i * d + i] : (matrix_dd[i * d + k] + matrix_dd[k * d + i]) / 2;
}
