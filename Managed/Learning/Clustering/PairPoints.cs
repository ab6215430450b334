using System.Numerics;
using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;

namespace FisherKernels.Learning.Clustering;

/// <summary>Pairs as points x_i = s_i (φ_a − φ_b), in float64: formed where they are looked at, never stored.</summary>
internal sealed class PairPoints
{
    private readonly Pair[] _pairs;
    private readonly double[] _phi, _scales;

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

    /// <summary>‖x_i − centre‖² of every point.</summary>
    public void Distances2(ReadOnlySpan<double> centre, Span<double> to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = Distance2(i, centre);
        }
    }
}
