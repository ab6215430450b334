using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>
/// How far the comparisons of a batch lie apart, by their embeddings alone: no model, so strategies and seeds can be compared.
/// </summary>
/// <param name="PairDistance">Mean over all i &lt; j of min(‖δ_i − δ_j‖, ‖δ_i + δ_j‖), ≥ 0; NaN for a batch of one.</param>
/// <param name="LogDet">log det(1 + ΔᵀΔ) in nats, ≥ 0.</param>
internal readonly record struct BatchSpread(double PairDistance, double LogDet)
{
    /// <summary>Of a batch.</summary>
    /// <remarks>
    /// <code>
    /// G = ΔΔᵀ                                              [c, c]
    /// min(‖δ_i − δ_j‖, ‖δ_i + δ_j‖)² = G_ii + G_jj − 2|G_ij|     a pair has no direction
    /// log det(1_D + ΔᵀΔ) = log det(1_c + G)                      Sylvester
    /// </code>
    /// Cost: c²D/2 multiply-adds for G and c³/6 for its factor; 125 pairs of 2,048 columns are 16 million.
    /// </remarks>
    /// <param name="delta_cD">Δ, a row for each of c ≥ 1 pairs.</param>
    /// <param name="columns">D.</param>
    public static BatchSpread Of(ReadOnlySpan<double> delta_cD, int columns)
    {
        int c = delta_cD.Length / columns;
        var gram_cc = new double[c * c];
        double sum = 0;
        for (int i = 0; i < c; i++)
        {
            gram_cc[i * c + i] = Vectors.Dot(delta_cD.Slice(i * columns, columns), delta_cD.Slice(i * columns, columns));
            for (int j = 0; j < i; j++)
            {
                double between = Vectors.Dot(delta_cD.Slice(i * columns, columns), delta_cD.Slice(j * columns, columns));
                gram_cc[i * c + j] = gram_cc[j * c + i] = between;

                // Rounding can leave two equal pairs a little below 0 apart.
                sum += Math.Sqrt(Math.Max(0, gram_cc[i * c + i] + gram_cc[j * c + j] - 2 * Math.Abs(between)));
            }
        }

        return new BatchSpread(c > 1 ? sum / (c * (c - 1L) / 2) : double.NaN, new PrecisionMatrix(c, 1, gram_cc).LogDeterminant);
    }
}
