using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FisherKernels.Kernels;

namespace FisherKernels.Learning.Clustering;

/// <summary>Takes the squared distances of a block of points from some centres.</summary>
/// <param name="begin">The block's first point.</param>
/// <param name="first">The first of the centres.</param>
/// <param name="distances2">[centres, <see cref="PairPoints.PairBlock"/>], to be used up; a block may have fewer points.</param>
internal delegate void TakeDistances(int begin, int first, Span<double> distances2);

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
    private readonly ReadOnlyMemory<Pair> _pairs;
    private readonly ReadOnlyMemory<float> _phi;
    private readonly Rented<double> _scales, _lengths2;
    private readonly int _scaleStep;

    /// <param name="pairs">n pairs of rows of Φ, in the order that gives the sign; looked at as long as this is.</param>
    /// <param name="features">Φ [R, d], looked at as long as this is.</param>
    /// <param name="dimension">d.</param>
    /// <param name="scales">s [n], or none for 1.</param>
    /// <param name="on">Whose host threads share the work; null for the caller's alone.</param>
    public PairPoints(ReadOnlyMemory<Pair> pairs, ReadOnlyMemory<float> features, int dimension, ReadOnlySpan<double> scales = default, Backend? on = null)
    {
        (Dimension, Count, _threads) = (dimension, pairs.Length, new HostThreads(on));
        (_pairs, _phi) = (pairs, features);
        _lengths2 = new Rented<double>(Count);

        // One scale for all of them is read from one place.
        _scaleStep = scales.IsEmpty ? 0 : 1;
        _scales = new Rented<double>(scales.IsEmpty ? [1] : scales);
        _projection = new Projection(_phi, dimension, _threads);
        Share(Count, PairBlock, dimension, (first, end) =>
        {
            Span<double> lengths2 = _lengths2.Span;
            for (int i = first; i < end; i++)
            {
                lengths2[i] = Length2(i);
            }
        });
    }

    /// <summary>n.</summary>
    public int Count { get; }

    /// <summary>d.</summary>
    public int Dimension { get; }

    /// <summary>‖x_i‖² [n].</summary>
    public ReadOnlySpan<double> Lengths2 => _lengths2.Span;

    /// <summary>x_i.</summary>
    public void Write(int i, Span<double> x)
    {
        Pair pair = _pairs.Span[i];
        double scale = Scale(i);
        ReadOnlySpan<float> a = Phi(pair.First), b = Phi(pair.Second);
        for (int j = 0; j < x.Length; j++)
        {
            x[j] = ((double)a[j] - b[j]) * scale;
        }
    }

    /// <summary>Σ x_i over the points of each cluster.</summary>
    /// <param name="labels">[n], from 0 to K − 1.</param>
    /// <param name="sums">[K, d], out.</param>
    public void Sums(ReadOnlySpan<int> labels, Span<double> sums)
    {
        if (Dimension > 0)
        {
            ClusterSums.Of(_pairs.Span, _scales.Span, _scaleStep, labels, _phi, _projection.Middles, sums, _threads);
        }
    }

    /// <summary>‖x_i − centre‖², exactly 0 for the point itself.</summary>
    public double Distance2(int i, ReadOnlySpan<double> centre)
    {
        int j = 0;
        Pair pair = _pairs.Span[i];
        double scale = Scale(i), distance2 = 0;
        ReadOnlySpan<float> a = Phi(pair.First), b = Phi(pair.Second);
        Vector512<double> even = default, odd = default;
        for (; j <= a.Length - Vector512<float>.Count; j += Vector512<float>.Count)
        {
            (Vector512<double> low, Vector512<double> high) = Difference(a[j..], b[j..]);
            low = low * scale - Vector512.Create(centre[j..]);
            high = high * scale - Vector512.Create(centre[(j + Vector512<double>.Count)..]);
            even = Vector512.FusedMultiplyAdd(low, low, even);
            odd = Vector512.FusedMultiplyAdd(high, high, odd);
        }

        for (; j < a.Length; j++)
        {
            double x = ((double)a[j] - b[j]) * scale - centre[j];
            distance2 += x * x;
        }

        return distance2 + Vector512.Sum(even + odd);
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
    public void Distances2(ReadOnlySpan<double> centres, Memory<double> to) => Distances2(centres, Count == 0 ? 0 : to.Length / Count, 1, (begin, from, distances2) =>
    {
        for (int k = 0; k * PairBlock < distances2.Length; k++)
        {
            int length = Math.Min(PairBlock, Count - begin);
            distances2.Slice(k * PairBlock, length).CopyTo(to.Span.Slice((from + k) * Count + begin, length));
        }
    });

    /// <summary>The same for whoever is done with them block by block.</summary>
    /// <param name="centres">[K, d].</param>
    /// <param name="count">K.</param>
    /// <param name="each">Innermost steps that the taker does with one distance, about.</param>
    /// <param name="take">Called for every block and some centres, those of lower numbers first.</param>
    public void Distances2(ReadOnlySpan<double> centres, int count, int each, TakeDistances take)
    {
        int d = Dimension;
        for (int first = 0; first < count; first += Together)
        {
            int start = first, some = Math.Min(Together, count - first);
            Vector256<double> centres2 = _projection.Take(centres.Slice(first * d, some * d));
            _threads.Share(Count, PairBlock, 4 + each * some, (begin, end, lane) =>
            {
                using var distances2 = new Rented<double>(Together * PairBlock);
                if (d == 0)
                {
                    distances2.Span.Clear();
                }
                else
                {
                    FromProjection(centres2, lane, distances2.Span, begin, end);
                }

                take(begin, start, distances2.Span[..(some * PairBlock)]);
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _projection.Dispose();
        _scales.Dispose();
        _lengths2.Dispose();
    }

    // What two pairs have of four centres, and then what four rows have of two pairs; to is [Together, PairBlock].
    private void FromProjection(Vector256<double> centres2, int lane, Span<double> to, int begin, int end)
    {
        int i = begin;
        FromCentres from = From(centres2, lane);
        ref double row = ref MemoryMarshal.GetReference(to);
        for (; i <= end - 2; i += 2, row = ref Unsafe.Add(ref row, 2))
        {
            Vector512<double> both = Vector512.Shuffle(Vector512.Create(from[i], from[i + 1]), Vector512.Create(0L, 4, 1, 5, 2, 6, 3, 7));
            both.GetLower().GetLower().StoreUnsafe(ref row);
            both.GetLower().GetUpper().StoreUnsafe(ref row, PairBlock);
            both.GetUpper().GetLower().StoreUnsafe(ref row, 2 * PairBlock);
            both.GetUpper().GetUpper().StoreUnsafe(ref row, 3 * PairBlock);
        }

        if (i < end)
        {
            Vector256<double> last = from[i];
            for (int k = 0; k < Together; k++)
            {
                to[k * PairBlock + i - begin] = last[k];
            }
        }
    }

    private double Length2(int i)
    {
        int j = 0;
        Pair pair = _pairs.Span[i];
        double scale = Scale(i), sum = 0;
        ReadOnlySpan<float> a = Phi(pair.First), b = Phi(pair.Second);
        Vector512<double> even = default, odd = default;
        for (; j <= a.Length - Vector512<float>.Count; j += Vector512<float>.Count)
        {
            (Vector512<double> low, Vector512<double> high) = Difference(a[j..], b[j..]);
            even = Vector512.FusedMultiplyAdd(low, low, even);
            odd = Vector512.FusedMultiplyAdd(high, high, odd);
        }

        for (; j < a.Length; j++)
        {
            double x = (double)a[j] - b[j];
            sum += x * x;
        }

        return scale * scale * (sum + Vector512.Sum(even + odd));
    }

    private FromCentres From(Vector256<double> centres2, int lane) => new(
        this, ref MemoryMarshal.GetReference(_pairs.Span), ref MemoryMarshal.GetReference(_lengths2.Span), ref MemoryMarshal.GetReference(_scales.Span),
        ref _projection.Along(lane), centres2);

    // Where most of it cancelled.
    private Vector256<double> Anew(int i, Vector256<double> distances2, Vector256<double> least)
    {
        for (int k = 0; k < Together; k++)
        {
            if (!(distances2[k] > least[k]))
            {
                distances2 = distances2.WithElement(k, Distance2(i, _projection.Centre(k)));
            }
        }

        return distances2;
    }

    private double Scale(int i) => _scales.Span[i * _scaleStep];

    private ReadOnlySpan<float> Phi(int a) => _phi.Span.Slice(a * Dimension, Dimension);

    private static (Vector512<double> Low, Vector512<double> High) Difference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        (Vector512<double> lowA, Vector512<double> highA) = Vector512.Widen(Vector512.Create(a));
        (Vector512<double> lowB, Vector512<double> highB) = Vector512.Widen(Vector512.Create(b));
        return (lowA - lowB, highA - highB);
    }

    /// <summary>‖x_i‖² + ‖c‖² − 2 s_i (φ_a·c − φ_b·c) of all centres in hand at once; ‖x_i‖² in the lanes that have none.</summary>
    private readonly ref struct FromCentres(PairPoints points, ref Pair pairs, ref double lengths2, ref double scales, ref double along, Vector256<double> centres2)
    {
        private readonly ref Pair _pairs = ref pairs;
        private readonly ref double _lengths2 = ref lengths2, _scales = ref scales, _along = ref along;

        public Vector256<double> this[int i]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                Pair pair = Unsafe.Add(ref _pairs, i);
                Vector256<double> terms = Vector256.Create(Unsafe.Add(ref _lengths2, i)) + centres2;
                Vector256<double> gap = Vector256.LoadUnsafe(ref _along, (nuint)pair.First * Together)
                    - Vector256.LoadUnsafe(ref _along, (nuint)pair.Second * Together);
                Vector256<double> distances2 = terms - Vector256.Create(2 * Unsafe.Add(ref _scales, i * points._scaleStep)) * gap;
                return Vector256.GreaterThanAll(distances2, Cancelled * terms) ? distances2 : points.Anew(i, distances2, Cancelled * terms);
            }
        }
    }
}
