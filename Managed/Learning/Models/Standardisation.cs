using System.Numerics.Tensors;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Models;

/// <summary>x ← (x − mean)·scale, column by column; scale is 1/σ, and 0 for a column that does not vary.</summary>
/// <remarks>
/// A column is taken as constant where σ is below 1e-5 of the median column's, or below what float32 resolves of its own
/// mean. Dividing such a column by its σ would blow rounding up to the size of a signal; with scale 0 it says nothing.
/// </remarks>
public sealed class Standardisation
{
    private const double FloatResolution = 1e-6, ShareOfMedian = 1e-5;

    /// <summary>From given columns.</summary>
    /// <param name="mean">[D].</param>
    /// <param name="scale">[D], ≥ 0.</param>
    /// <exception cref="ArgumentException">Lengths that differ, or numbers that are not finite.</exception>
    public Standardisation(float[] mean, float[] scale)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(scale);
        if (mean.Length != scale.Length)
        {
            throw new ArgumentException($"mean has {mean.Length} columns, scale {scale.Length}.", nameof(scale));
        }

        if (!mean.All(float.IsFinite) || !scale.All(value => float.IsFinite(value) && value >= 0))
        {
            throw new ArgumentException("Means must be finite, scales finite and not negative.", nameof(scale));
        }

        Mean = mean;
        Scale = scale;
    }

    /// <summary>[D].</summary>
    public IReadOnlyList<float> Mean { get; }

    /// <summary>[D], 1/σ or 0.</summary>
    public IReadOnlyList<float> Scale { get; }

    /// <summary>Columns with scale 0.</summary>
    public int ConstantColumns => Scale.Count(value => value == 0);

    /// <summary>From all rows of a pool, read once.</summary>
    /// <exception cref="InputException">An embedding is NaN or infinite.</exception>
    public static Standardisation Of(EmbeddingPool pool, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ColumnStatistics columns = pool.Scan(cancellation);
        return From(columns.Mean, columns.StandardDeviation);
    }

    /// <summary>From column means and standard deviations.</summary>
    /// <param name="mean">[D].</param>
    /// <param name="deviation">[D], σ ≥ 0.</param>
    public static Standardisation From(ReadOnlySpan<double> mean, ReadOnlySpan<double> deviation)
    {
        double[] varying = [.. deviation.ToArray().Where(value => value > 0).Order()];
        double floor = varying.Length == 0 ? 0 : ShareOfMedian * varying[varying.Length / 2];
        var means = new float[mean.Length];
        var scales = new float[mean.Length];
        for (int j = 0; j < mean.Length; j++)
        {
            means[j] = (float)mean[j];
            bool varies = deviation[j] > floor && deviation[j] > FloatResolution * Math.Abs(mean[j]);
            scales[j] = varies ? (float)(1 / deviation[j]) : 0;
        }

        return new Standardisation(means, scales);
    }

    /// <summary>Applies it in place to rows of D columns.</summary>
    internal void Apply(Span<float> rows_nD)
    {
        var mean = (float[])Mean;
        var scale = (float[])Scale;
        for (int start = 0; start < rows_nD.Length; start += mean.Length)
        {
            Span<float> row = rows_nD.Slice(start, mean.Length);
            TensorPrimitives.Subtract(row, mean, row);
            TensorPrimitives.Multiply(row, scale, row);
        }
    }
}
