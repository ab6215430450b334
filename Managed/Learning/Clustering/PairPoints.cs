using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Clustering;

/// <summary>Takes the squared distances [n] of all points from one centre, to be used up.</summary>
internal delegate void TakeDistances(int centre, Span<double> distances2);

/// <summary>Pairs as points x_i = s_i (φ_a − φ_b) in float64, formed where they are looked at and never stored.</summary>
/// <remarks>
/// Distances of all points from a centre go over responses: ‖x_i − c‖² = ‖x_i‖² + ‖c‖² − 2 s_i (φ_a·c − φ_b·c), the mean taken from φ: R
/// inner
/// products and n differences of two of them instead of n rows of d. Where most of that cancels, the distance is formed anew from the
/// point itself. Serves one thread at a time.
/// </remarks>
internal sealed class PairPoints
{
    // Centres whose inner products are made together: a row of Φ is read once for them.
    private const int Together = 4;

    // What is left after cancelling has at least this share of the digits; rounding of the three terms then is below 1e-12 of it.
    private const double Cancelled = 1.0 / 1024;

    private readonly Pair[] _pairs;
    private readonly ReadOnlyMemory<float> _phi;    // [R, d]
    private readonly double[] _mean;        // [d], of the rows
    private readonly double[] _scales;      // [n]
    private readonly double[] _lengths2;    // [n]
    private readonly double[] _row, _other; // [d], scratch
    private double[] _products = [];        // [R, centres], scratch
    private double[] _distances2 = [];      // [Together, n], scratch

    /// <param name="pairs">n pairs of rows of Φ, in the order that gives the sign.</param>
    /// <param name="features">Φ [R, d] row by row, looked at as long as this is.</param>
    /// <param name="dimension">d ≥ 0.</param>
    /// <param name="scales">s [n]; empty where all are 1.</param>
    public PairPoints(Pair[] pairs, ReadOnlyMemory<float> features, int dimension, ReadOnlySpan<double> scales = default)
    {
        (Dimension, _pairs, _phi) = (dimension, pairs, features);
        (_row, _other, _mean) = (new double[dimension], new double[dimension], new double[dimension]);
        (_scales, _lengths2) = (new double[pairs.Length], new double[pairs.Length]);
        Responses = dimension == 0 ? 0 : features.Length / dimension;
        for (int a = 0; a < Responses; a++)
        {
            Widen(a, _row);
            TensorPrimitives.Add(_mean, _row, _mean);
        }

        TensorPrimitives.Divide(_mean, Math.Max(Responses, 1), _mean);
        Array.Fill(_scales, 1);
        scales.CopyTo(_scales);
        for (int i = 0; i < pairs.Length; i++)
        {
            Write(i, _row);
            _lengths2[i] = TensorPrimitives.SumOfSquares<double>(_row);
        }
    }

    /// <summary>n, the number of points.</summary>
    public int Count => _pairs.Length;

    /// <summary>d, the width of a point.</summary>
    public int Dimension { get; }

    /// <summary>‖x_i‖² of every point, [n].</summary>
    public ReadOnlySpan<double> Lengths2 => _lengths2;

    private int Responses { get; }

    /// <summary>Writes the point x_i to <paramref name="x"/> [d].</summary>
    public void Write(int i, Span<double> x)
    {
        Widen(_pairs[i].First, x);
        Widen(_pairs[i].Second, _other);
        TensorPrimitives.Subtract(x, _other, x);
        TensorPrimitives.Multiply(x, _scales[i], x);
    }

    /// <summary>‖x_i − centre‖², exactly 0 for the point itself.</summary>
    public double Distance2(int i, ReadOnlySpan<double> centre)
    {
        Write(i, _row);
        TensorPrimitives.Subtract(_row, centre, _row);
        return TensorPrimitives.SumOfSquares<double>(_row);
    }

    /// <summary>Writes ‖x_i − c_k‖² of every point from every centre; exactly 0 for a point that lies on one.</summary>
    /// <param name="centres">K centres, [K, d].</param>
    /// <param name="distances2">[K, n], out.</param>
    public void ComputeDistances2(ReadOnlySpan<double> centres, Span<double> distances2)
    {
        int n = Count, d = Dimension, count = n == 0 ? 0 : distances2.Length / n;
        if (d == 0)
        {
            distances2.Clear();
            return;
        }

        var centres2 = new double[count];
        for (int k = 0; k < count; k++)
        {
            centres2[k] = TensorPrimitives.SumOfSquares(centres.Slice(k * d, d));
        }

        double[] products = Products(centres, count);
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<double> first = products.AsSpan(_pairs[i].First * count, count);
            ReadOnlySpan<double> second = products.AsSpan(_pairs[i].Second * count, count);
            double length2 = _lengths2[i], twice = 2 * _scales[i];
            for (int k = 0; k < first.Length; k++)
            {
                double terms = length2 + centres2[k], distance2 = terms - twice * (first[k] - second[k]);
                distances2[k * n + i] = distance2 > Cancelled * terms ? distance2 : Distance2(i, centres.Slice(k * d, d));
            }
        }
    }

    /// <summary>Gives the squared distances of all points from each of K centres in their order, without K·n numbers in memory.</summary>
    public void ForEachCentre(ReadOnlySpan<double> centres, int count, TakeDistances take)
    {
        if (_distances2.Length == 0)
        {
            _distances2 = new double[Together * Count];
        }

        for (int first = 0; first < count; first += Together)
        {
            int some = Math.Min(Together, count - first);
            ComputeDistances2(centres.Slice(first * Dimension, some * Dimension), _distances2.AsSpan(0, some * Count));
            for (int k = 0; k < some; k++)
            {
                take(first + k, _distances2.AsSpan(k * Count, Count));
            }
        }
    }

    /// <summary>Writes Σ x_i over the points of each cluster.</summary>
    /// <param name="labels">[n], from 0 to K − 1.</param>
    /// <param name="sums">[K, d], out.</param>
    public void ComputeSums(ReadOnlySpan<int> labels, Span<double> sums)
    {
        sums.Clear();
        for (int i = 0; i < labels.Length; i++)
        {
            Span<double> sum = sums.Slice(labels[i] * Dimension, Dimension);
            Write(i, _row);
            TensorPrimitives.Add(sum, _row, sum);
        }
    }

    // (φ − φ̄)·c, [R, K]: what all responses have in common cancels in a pair, and so before it can round.
    private double[] Products(ReadOnlySpan<double> centres, int count)
    {
        int d = Dimension;
        if (_products.Length < Responses * count)
        {
            _products = new double[Responses * count];
        }

        for (int a = 0; a < Responses; a++)
        {
            Widen(a, _row);
            TensorPrimitives.Subtract(_row, _mean, _row);
            for (int k = 0; k < count; k++)
            {
                _products[a * count + k] = Vectors.Dot(_row, centres.Slice(k * d, d));
            }
        }

        return _products;
    }

    private void Widen(int a, Span<double> row) =>
        TensorPrimitives.ConvertTruncating(_phi.Span.Slice(a * Dimension, Dimension), row);
}
