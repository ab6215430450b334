using System.Numerics;
using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;

namespace FisherKernels.Learning.Clustering;

/// <summary>Pairs as points x_i = s_i (φ_a − φ_b), in float64: formed where they are looked at, never stored.</summary>
/// <remarks>
/// Distances of all points from a centre go over responses: ‖x_i − c‖² = ‖x_i‖² + ‖c‖² − 2 s_i (φ_a·c − φ_b·c), the mean taken from φ: R inner products and
/// n differences of two of them instead of n rows of d. Where most of that cancels, the distance is formed anew from the point itself.
/// </remarks>
internal sealed class PairPoints
{
    // Centres that go over the responses together: each row is read once for all of them.
    private const int Together = 4;

    // What is left after cancelling has at least this share of the digits; rounding of the three terms then is below 1e-12 of it.
    private const double Cancelled = 1.0 / 1024;

    private readonly Pair[] _pairs;
    private readonly double[] _phi, _scales, _lengths2;
    private readonly double[] _middle;  // φ̄ [d]: what all responses have in common cancels in a pair, and before it can round
    private readonly double[] _along;   // (φ − φ̄)·c of the centres in hand [Together, R]

    /// <param name="pairs">n pairs of rows of Φ, in the order that gives the sign.</param>
    /// <param name="features">Φ [R, d].</param>
    /// <param name="dimension">d.</param>
    /// <param name="scales">s [n], or null for 1.</param>
    public PairPoints(Pair[] pairs, ReadOnlySpan<float> features, int dimension, double[]? scales = null)
    {
        (_pairs, Dimension) = (pairs, dimension);
        _phi = new double[features.Length];
        TensorPrimitives.ConvertTruncating(features, _phi);
        if (scales is null)
        {
            scales = new double[pairs.Length];
            Array.Fill(scales, 1);
        }

        _scales = scales;
        int responses = dimension == 0 ? 0 : features.Length / dimension;
        _along = new double[Together * responses];
        _middle = new double[dimension];
        for (int a = 0; a < responses; a++)
        {
            TensorPrimitives.Add(_middle, _phi.AsSpan(a * dimension, dimension), _middle);
        }

        TensorPrimitives.Divide(_middle, Math.Max(responses, 1), _middle);
        _lengths2 = new double[pairs.Length];
        var origin = new double[dimension];
        for (int i = 0; i < pairs.Length; i++)
        {
            _lengths2[i] = Distance2(i, origin);
        }
    }

    /// <summary>n.</summary>
    public int Count => _pairs.Length;

    /// <summary>d.</summary>
    public int Dimension { get; }

    /// <summary>The candidates with the predicted winner first, the lower row where both are predicted alike.</summary>
    /// <remarks>Which response stands first in a pair is arbitrary; a point that changed its sign with it would cluster arbitrarily.</remarks>
    public static Pair[] WinnerFirst(AcquisitionContext context)
    {
        float[] r = context.Rewards.ToArray();
        Pair[] pairs = context.Candidates.Pairs.ToArray();
        for (int i = 0; i < pairs.Length; i++)
        {
            (int a, int b) = (pairs[i].First, pairs[i].Second);
            if (r[a] < r[b] || r[a] == r[b] && a > b)
            {
                pairs[i] = new Pair(b, a);
            }
        }

        return pairs;
    }

    /// <summary>‖x_i‖² [n].</summary>
    public ReadOnlySpan<double> Lengths2 => _lengths2;

    /// <summary>x_i.</summary>
    public void Write(int i, Span<double> x)
    {
        int d = Dimension;
        TensorPrimitives.Subtract(_phi.AsSpan(_pairs[i].First * d, d), _phi.AsSpan(_pairs[i].Second * d, d), x);
        TensorPrimitives.Multiply(x, _scales[i], x);
    }

    /// <summary>‖x_i − centre‖², exactly 0 for the point itself.</summary>
    public double Distance2(int i, ReadOnlySpan<double> centre)
    {
        int d = Dimension, j = 0;
        double scale = _scales[i], distance2 = 0;
        ReadOnlySpan<double> a = _phi.AsSpan(_pairs[i].First * d, d), b = _phi.AsSpan(_pairs[i].Second * d, d);
        Vector<double> sum = Vector<double>.Zero;
        for (; j <= d - Vector<double>.Count; j += Vector<double>.Count)
        {
            Vector<double> x = (new Vector<double>(a[j..]) - new Vector<double>(b[j..])) * scale - new Vector<double>(centre[j..]);
            sum += x * x;
        }

        for (; j < d; j++)
        {
            double x = (a[j] - b[j]) * scale - centre[j];
            distance2 += x * x;
        }

        return distance2 + Vector.Sum(sum);
    }

    /// <summary>‖x_i − c_k‖² of every point from every centre; exactly 0 for a point that lies on one.</summary>
    /// <param name="centres">[K, d].</param>
    /// <param name="to">[K, n], out.</param>
    public void Distances2(ReadOnlySpan<double> centres, Span<double> to)
    {
        int d = Dimension, n = Count, count = n == 0 ? 0 : to.Length / n;
        if (d == 0)
        {
            to.Clear();
            return;
        }

        for (int first = 0; first < count; first += Together)
        {
            int some = Math.Min(Together, count - first);
            Project(centres.Slice(first * d, some * d));
            for (int k = first; k < first + some; k++)
            {
                FromProjection(centres.Slice(k * d, d), k - first, to.Slice(k * n, n));
            }
        }
    }

    private void FromProjection(ReadOnlySpan<double> centre, int number, Span<double> to)
    {
        int responses = _along.Length / Together;
        ReadOnlySpan<double> along = _along.AsSpan(number * responses, responses);
        double centre2 = TensorPrimitives.SumOfSquares(centre);
        for (int i = 0; i < to.Length; i++)
        {
            double terms = _lengths2[i] + centre2, distance2 = terms - 2 * _scales[i] * (along[_pairs[i].First] - along[_pairs[i].Second]);
            to[i] = distance2 > Cancelled * terms ? distance2 : Distance2(i, centre);
        }
    }

    private void Project(ReadOnlySpan<double> centres)
    {
        int d = Dimension, responses = _along.Length / Together, last = centres.Length / d - 1;
        ReadOnlySpan<double> c0 = centres[..d], c1 = centres.Slice(Math.Min(1, last) * d, d), c2 = centres.Slice(Math.Min(2, last) * d, d), c3 = centres[(last * d)..];
        for (int a = 0; a < responses; a++)
        {
            ReadOnlySpan<double> phi = _phi.AsSpan(a * d, d);
            if (last == 0)
            {
                _along[a] = Along(phi, c0);
            }
            else
            {
                (_along[a], _along[responses + a], _along[2 * responses + a], _along[3 * responses + a]) = Along(phi, c0, c1, c2, c3);
            }
        }
    }

    private double Along(ReadOnlySpan<double> phi, ReadOnlySpan<double> centre)
    {
        int width = Vector<double>.Count, j = 0;
        ReadOnlySpan<double> middle = _middle;
        Vector<double> even = default, odd = default;
        for (; j <= phi.Length - 2 * width; j += 2 * width)
        {
            even = Vector.FusedMultiplyAdd(new Vector<double>(phi[j..]) - new Vector<double>(middle[j..]), new Vector<double>(centre[j..]), even);
            odd = Vector.FusedMultiplyAdd(
                new Vector<double>(phi[(j + width)..]) - new Vector<double>(middle[(j + width)..]), new Vector<double>(centre[(j + width)..]), odd);
        }

        double sum = Vector.Sum(even + odd);
        for (; j < phi.Length; j++)
        {
            sum += (phi[j] - middle[j]) * centre[j];
        }

        return sum;
    }

    private (double, double, double, double) Along(
        ReadOnlySpan<double> phi, ReadOnlySpan<double> c0, ReadOnlySpan<double> c1, ReadOnlySpan<double> c2, ReadOnlySpan<double> c3)
    {
        int j = 0;
        ReadOnlySpan<double> middle = _middle;
        Vector<double> s0 = default, s1 = default, s2 = default, s3 = default;
        for (; j <= phi.Length - Vector<double>.Count; j += Vector<double>.Count)
        {
            Vector<double> x = new Vector<double>(phi[j..]) - new Vector<double>(middle[j..]);
            s0 = Vector.FusedMultiplyAdd(x, new Vector<double>(c0[j..]), s0);
            s1 = Vector.FusedMultiplyAdd(x, new Vector<double>(c1[j..]), s1);
            s2 = Vector.FusedMultiplyAdd(x, new Vector<double>(c2[j..]), s2);
            s3 = Vector.FusedMultiplyAdd(x, new Vector<double>(c3[j..]), s3);
        }

        (double t0, double t1, double t2, double t3) = (Vector.Sum(s0), Vector.Sum(s1), Vector.Sum(s2), Vector.Sum(s3));
        for (; j < phi.Length; j++)
        {
            double x = phi[j] - middle[j];
            (t0, t1, t2, t3) = (t0 + x * c0[j], t1 + x * c1[j], t2 + x * c2[j], t3 + x * c3[j]);
        }

        return (t0, t1, t2, t3);
    }
}
