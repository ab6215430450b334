using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>What the precision is made of: M = λ·1 + I_past + (I + Iᵀ)/2.</summary>
/// <param name="fisher_dd">I [d, d], symmetric up to rounding.</param>
/// <param name="past_dd">I_past [d, d], likewise; read only where hasPast is 1.</param>
/// <param name="ridge">λ.</param>
/// <param name="d">d.</param>
/// <param name="hasPast">1 or 0.</param>
internal readonly struct PrecisionViews(ArrayView<double> fisher_dd, ArrayView<double> past_dd, double ridge, int d, int hasPast)
{
    private const int Lanes = PanelHelper.Lanes;

    private readonly ArrayView<double> _fisher_dd = fisher_dd, _past_dd = past_dd;
    private readonly double _ridge = ridge;
    private readonly int _hasPast = hasPast;

    /// <summary>d.</summary>
    public readonly int Dimension = d;

    /// <summary>Writes M's triangle, filled up with rows of the identity, and its diagonal.</summary>
    /// <param name="a_T">Out.</param>
    /// <param name="diagonal_d">Out.</param>
    /// <param name="bad">1 afterwards where a number is not finite.</param>
    /// <param name="rows">Rows of the triangle.</param>
    public void Fill(ArrayView<double> a_T, ArrayView<double> diagonal_d, ArrayView<int> bad, int rows)
    {
        int lane = Group.IdxX % Lanes;
        for (int i = Group.IdxX / Lanes; i < rows; i += Group.DimX / Lanes)
        {
            for (int k = lane; k <= i; k += Lanes)
            {
                double entry = i < Dimension ? Entry(i, k) : 0;
                if (!(entry <= double.MaxValue && entry >= double.MinValue))
                {
                    Atomic.Or(ref bad[0], 1);
                }

                if (i == k)
                {
                    entry = i < Dimension ? entry + _ridge : 1;
                    diagonal_d[i] = entry;
                }

                a_T[Factorisation.Start(i) + k] = entry;
            }
        }
    }

    private double Entry(int i, int k) =>
        _hasPast == 1 ? Symmetric(_fisher_dd, i, k) + Symmetric(_past_dd, i, k) : Symmetric(_fisher_dd, i, k);

    private double Symmetric(ArrayView<double> matrix_dd, int i, int k) =>
        i == k ? matrix_dd[i * Dimension + i] : (matrix_dd[i * Dimension + k] + matrix_dd[k * Dimension + i]) * 0.5;
}
