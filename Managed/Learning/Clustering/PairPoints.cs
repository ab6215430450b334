using System.Numerics;
using System.Runtime.Intrinsics;
using FisherKernels.Kernels;

namespace FisherKernels.Learning.Clustering;

/// <summary>Pairs as points x_i = s_i (φ_a − φ_b), in float64: formed where they are looked at, never stored.</summary>
/// <remarks>
/// Distances of all points from a centre go over responses: ‖x_i − c‖² = ‖x_i‖² + ‖c‖² − 2 s_i (φ_a·c − φ_b·c), the mean taken from φ: R inner products and
/// n differences of two of them instead of n rows of d. Where most of that cancels, the distance is formed anew from the point itself.
/// </remarks>
internal sealed class PairPoints : IDisposable
{
    /// <summary>Centres that go over responses and pairs together.</summary>
    public const int Together = Projection.Together;

    /// <summary>Pairs in a block of shared work.</summary>
    public const int PairBlock = 1024;

    // What is left after cancelling has at least this share of the digits; rounding of the three terms then is below 1e-12 of it.
    private const double Cancelled = 1.0 / 1024;

    private readonly HostThreads _threads;
    private readonly Projection _projection;
    private readonly Rented<Pair> _pairs;
    private readonly Rented<float> _phi;
    private readonly Rented<double> _scales, _lengths2, _here;

    /// <param name="pairs">n pairs of rows of Φ, in the order that gives the sign.</param>
    /// <param name="features">Φ [R, d].</param>
    /// <param name="dimension">d.</param>
    /// <param name="scales">s [n], or none for 1.</param>
    /// <param name="on">Whose host threads share the work; null for the caller's alone.</param>
    public PairPoints(ReadOnlySpan<Pair> pairs, ReadOnlySpan<float> features, int dimension, ReadOnlySpan<double> scales = default, Backend? on = null)
    {
        (Dimension, Count, _threads) = (dimension, pairs.Length, new HostThreads(on));
        (_pairs, _phi, _scales) = (new Rented<Pair>(pairs), new Rented<float>(features), new Rented<double>(Count));
        (_lengths2, _here) = (new Rented<double>(Count), new Rented<double>(Together * Count));
        if (scales.IsEmpty)
        {
            _scales.Span.Fill(1);
        }
        else
        {
            scales.CopyTo(_scales.Span);
        }

        _projection = new Projection(_phi.Memory, dimension, _threads);
        var origin = new double[dimension];
        Share(Count, PairBlock, dimension, (first, end) =>
        {
            Span<double> lengths2 = _lengths2.Span;
            for (int i = first; i < end; i++)
            {
                lengths2[i] = Distance2(i, origin);
            }
        });
    }

    /// <summary>n.</summary>
    public int Count { get; }

    /// <summary>d.</summary>
    public int Dimension { get; }

    /// <summary>‖x_i‖² [n].</summary>
    public ReadOnlySpan<double> Lengths2 => _lengths2.Span;

    /// <summary>Room for the distances from the centres in hand [Together, n]: whoever works on these points one after another uses it.</summary>
    public Memory<double> Here => _here.Memory;

    /// <summary>x_i.</summary>
    public void Write(int i, Span<double> x)
    {
        Pair pair = _pairs.Span[i];
        double scale = _scales.Span[i];
        ReadOnlySpan<float> a = Phi(pair.First), b = Phi(pair.Second);
        for (int j = 0; j < x.Length; j++)
        {
            x[j] = ((double)a[j] - b[j]) * scale;
        }
    }

    /// <summary>sum += some coordinates of x_i, from <paramref name="first"/> on.</summary>
    public void AddTo(Span<double> sum, int i, int first)
    {
        Pair pair = _pairs.Span[i];
        ReadOnlySpan<float> a = Phi(pair.First).Slice(first, sum.Length), b = Phi(pair.Second).Slice(first, sum.Length);
        double scale = _scales.Span[i];
        int j = 0;
        for (; j <= sum.Length - Vector<float>.Count; j += Vector<float>.Count)
        {
            (Vector<double> low, Vector<double> high) = Difference(a[j..], b[j..]);
            (new Vector<double>(sum[j..]) + low * scale).CopyTo(sum[j..]);
            (new Vector<double>(sum[(j + Vector<double>.Count)..]) + high * scale).CopyTo(sum[(j + Vector<double>.Count)..]);
        }

        for (; j < sum.Length; j++)
        {
            sum[j] += ((double)a[j] - b[j]) * scale;
        }
    }

    /// <summary>‖x_i − centre‖², exactly 0 for the point itself.</summary>
    public double Distance2(int i, ReadOnlySpan<double> centre)
    {
        int j = 0;
        Pair pair = _pairs.Span[i];
        double scale = _scales.Span[i], distance2 = 0;
        ReadOnlySpan<float> a = Phi(pair.First), b = Phi(pair.Second);
        Vector<double> even = default, odd = default;
        for (; j <= a.Length - Vector<float>.Count; j += Vector<float>.Count)
        {
            (Vector<double> low, Vector<double> high) = Difference(a[j..], b[j..]);
            low = low * scale - new Vector<double>(centre[j..]);
            high = high * scale - new Vector<double>(centre[(j + Vector<double>.Count)..]);
            even = Vector.FusedMultiplyAdd(low, low, even);
            odd = Vector.FusedMultiplyAdd(high, high, odd);
        }

        for (; j < a.Length; j++)
        {
            double x = ((double)a[j] - b[j]) * scale - centre[j];
            distance2 += x * x;
        }

        return distance2 + Vector.Sum(even + odd);
    }

    /// <summary>Runs <paramref name="body"/>(first, end) for blocks of so many of <paramref name="length"/>, shared by the backend's host threads; blocks write to different places.</summary>
    /// <param name="length">How many.</param>
    /// <param name="block">In a block; what is computed depends on it, and not on the threads.</param>
    /// <param name="each">Innermost steps of one, about.</param>
    /// <param name="body">One block.</param>
    public void Share(int length, int block, int each, Action<int, int> body) => _threads.Share(length, block, each, body);

    /// <summary>‖x_i − c_k‖² of every point from every centre; exactly 0 for a point that lies on one.</summary>
    /// <param name="centres">[K, d].</param>
    /// <param name="to">[K, n], out.</param>
    public void Distances2(ReadOnlySpan<double> centres, Memory<double> to)
    {
        int d = Dimension, n = Count, count = n == 0 ? 0 : to.Length / n;
        if (d == 0)
        {
            to.Span.Clear();
            return;
        }

        for (int first = 0; first < count; first += Together)
        {
            int some = Math.Min(Together, count - first);
            Vector256<double> centres2 = _projection.Take(centres.Slice(first * d, some * d));
            Memory<double> these = to.Slice(first * n, some * n);
            Share(n, PairBlock, 4, (begin, end) => FromProjection(centres2, these.Span, begin, end));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _projection.Dispose();
        _pairs.Dispose();
        _phi.Dispose();
        _scales.Dispose();
        _lengths2.Dispose();
        _here.Dispose();
    }

    // ‖x_i‖² + ‖c‖² − 2 s_i (φ_a·c − φ_b·c) of all centres in hand at once; to is [K, n].
    private void FromProjection(Vector256<double> centres2, Span<double> to, int begin, int end)
    {
        int n = Count, last = to.Length / n - 1;

        // Unused lanes write where the last one does, before it.
        Span<double> to3 = to.Slice(last * n, n), to2 = to.Slice(Math.Min(2, last) * n, n), to1 = to.Slice(Math.Min(1, last) * n, n), to0 = to[..n];
        ReadOnlySpan<Pair> pairs = _pairs.Span;
        ReadOnlySpan<double> lengths2 = _lengths2.Span, scales = _scales.Span;
        ref double along = ref _projection.Along;
        for (int i = begin; i < end; i++)
        {
            Pair pair = pairs[i];
            Vector256<double> terms = Vector256.Create(lengths2[i]) + centres2;
            Vector256<double> gap = Vector256.LoadUnsafe(ref along, (nuint)pair.First * Together)
                - Vector256.LoadUnsafe(ref along, (nuint)pair.Second * Together);
            Vector256<double> distances2 = terms - Vector256.Create(2 * scales[i]) * gap;
            (to3[i], to2[i], to1[i], to0[i]) = (distances2.GetElement(3), distances2.GetElement(2), distances2.GetElement(1), distances2.GetElement(0));
            if (!Vector256.GreaterThanAll(distances2, Cancelled * terms))
            {
                Anew(i, distances2, Cancelled * terms, to);
            }
        }
    }

    // Most of it cancelled for some of the centres.
    private void Anew(int i, Vector256<double> distances2, Vector256<double> least, Span<double> to)
    {
        int n = Count;
        for (int k = 0; k * n < to.Length; k++)
        {
            if (!(distances2.GetElement(k) > least.GetElement(k)))
            {
                to[k * n + i] = Distance2(i, _projection.Centre(k));
            }
        }
    }

    private ReadOnlySpan<float> Phi(int a) => _phi.Span.Slice(a * Dimension, Dimension);

    private static (Vector<double> Low, Vector<double> High) Difference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector.Widen(new Vector<float>(a), out Vector<double> lowA, out Vector<double> highA);
        Vector.Widen(new Vector<float>(b), out Vector<double> lowB, out Vector<double> highB);
        return (lowA - lowB, highA - highB);
    }
}
