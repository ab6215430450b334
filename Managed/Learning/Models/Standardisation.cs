using System.Numerics;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Models;

/// <summary>x ← (x − mean)·scale, column by column, in float64; scale is 1/σ, and 0 for a column that does not vary.</summary>
/// <remarks>
/// A column is taken as constant where σ is at most what the type of the numbers resolves of the column's own mean: it is
/// then rounding, which dividing by σ would blow up to the size of a signal. With scale 0 it says nothing. Columns are not
/// compared with one another: which units a column has says nothing of what it is worth.
/// </remarks>
public sealed class Standardisation
{
    private readonly double[] _mean, _scale;

    /// <summary>From given columns.</summary>
    /// <param name="mean">[D].</param>
    /// <param name="scale">[D], ≥ 0.</param>
    /// <exception cref="ArgumentException">Lengths that differ, or numbers that are not finite.</exception>
    public Standardisation(double[] mean, double[] scale)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(scale);
        if (mean.Length != scale.Length)
        {
            throw new ArgumentException($"mean has {mean.Length} columns, scale {scale.Length}.", nameof(scale));
        }

        if (!mean.All(double.IsFinite) || !scale.All(value => double.IsFinite(value) && value >= 0))
        {
            throw new ArgumentException("Means must be finite, scales finite and not negative.", nameof(scale));
        }

        (_mean, _scale) = ([.. mean], [.. scale]);
    }

    /// <summary>The mean of each column, [D].</summary>
    public IReadOnlyList<double> Mean => _mean;

    /// <summary>The factor of each column, [D]: 1/σ, or 0 where the column is constant.</summary>
    public IReadOnlyList<double> Scale => _scale;

    /// <summary>Columns with scale 0.</summary>
    public int ConstantColumns => _scale.Count(value => value == 0);

    /// <summary>From the rows of a pool that are finite and not stray.</summary>
    /// <exception cref="InputException">A column spreads too far for float64.</exception>
    public static Standardisation FromPool(EmbeddingPool pool, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return From(pool.Scan(cancellationToken));
    }

    /// <summary>From the statistics of columns.</summary>
    /// <exception cref="InputException">A column spreads too far for float64.</exception>
    public static Standardisation From(ColumnStatistics columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var scales = new double[columns.Mean.Length];
        for (int j = 0; j < scales.Length; j++)
        {
            (double mean, double deviation) = (columns.Mean[j], columns.StandardDeviation[j]);
            if (!double.IsFinite(mean) || !double.IsFinite(deviation))
            {
                throw new InputException(
                    $"Column {j} of the embeddings spreads too far: its squares are beyond float64. Scale the embeddings to below 1e150.");
            }

            // The reciprocal of the smallest deviations is not finite any more.
            scales[j] = deviation > columns.Resolution * Math.Abs(mean) ? Math.Min(1 / deviation, double.MaxValue) : 0;
        }

        return new Standardisation(columns.Mean, scales);
    }

    /// <summary>Applies it in place to rows of D columns.</summary>
    internal void Apply(Span<float> rows_nD)
    {
        for (int start = 0; start < rows_nD.Length; start += _mean.Length)
        {
            Span<float> row = rows_nD.Slice(start, _mean.Length);
            int j = 0;
            for (; j <= row.Length - Vector<float>.Count; j += Vector<float>.Count)
            {
                Vector.Widen(new Vector<float>(row[j..]), out Vector<double> low, out Vector<double> high);
                int next = j + Vector<double>.Count;
                low = (low - new Vector<double>(_mean, j)) * new Vector<double>(_scale, j);
                high = (high - new Vector<double>(_mean, next)) * new Vector<double>(_scale, next);
                Vector.Narrow(low, high).CopyTo(row[j..]);
            }

            for (; j < row.Length; j++)
            {
                row[j] = (float)((row[j] - _mean[j]) * _scale[j]);
            }
        }
    }

    /// <summary>Applies it to rows of D columns, and only then rounds them to float32.</summary>
    internal void Apply(ReadOnlySpan<double> from_nD, Span<float> rows_nD)
    {
        for (int start = 0; start < rows_nD.Length; start += _mean.Length)
        {
            for (int j = 0; j < _mean.Length; j++)
            {
                rows_nD[start + j] = (float)((from_nD[start + j] - _mean[j]) * _scale[j]);
            }
        }
    }
}
