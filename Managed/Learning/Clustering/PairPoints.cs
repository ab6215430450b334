using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FisherKernels.Kernels;

namespace FisherKernels.Learning.Clustering;

/// <summary>Pairs as points x_i = s_i (φ_a − φ_b), in float64: formed where they are looked at, never stored.</summary>
/// <remarks>
/// Distances of all points from a centre go over responses: ‖x_i − c‖² = ‖x_i‖² + ‖c‖² − 2 s_i (φ_a·c − φ_b·c), the mean taken from φ: R inner products and
/// n differences of two of them instead of n rows of d. Where most of that cancels, the distance is formed anew from the point itself.
/// </remarks>
internal sealed class PairPoints
{
    /// <summary>Centres that go over responses and pairs together, a lane each.</summary>
    public const int Together = 4;

    /// <summary>Pairs in a block of shared work.</summary>
    public const int PairBlock = 1024;

    private const int ResponseBlock = 256;

    // Responses that meet each coordinate of the centres together.
    private const int Rows = 8;

    // What is left after cancelling has at least this share of the digits; rounding of the three terms then is below 1e-12 of it.
    private const double Cancelled = 1.0 / 1024;

    private readonly Backend? _on;
    private readonly Pair[] _pairs;
    private readonly float[] _phi;
    private readonly double[] _scales, _lengths2;
    private readonly double[] _middles; // φ̄ [Rows, d], each row the same: what all responses have in common cancels in a pair, and before it can round
    private readonly Memory<double> _lanes;   // the centres in hand [d, Together]
    private readonly Memory<double> _along;   // (φ − φ̄)·c of them [R, Together]

    /// <param name="pairs">n pairs of rows of Φ, in the order that gives the sign.</param>
    /// <param name="features">Φ [R, d].</param>
    /// <param name="dimension">d.</param>
    /// <param name="scales">s [n], or null for 1.</param>
    /// <param name="on">Whose host threads share the work; null for the caller's alone.</param>
    public PairPoints(Pair[] pairs, float[] features, int dimension, double[]? scales = null, Backend? on = null)
    {
        (_pairs, _phi, Dimension, _on) = (pairs, features, dimension, on);
        if (scales is null)
        {
            scales = new double[pairs.Length];
            Array.Fill(scales, 1);
        }

        _scales = scales;
        int responses = dimension == 0 ? 0 : features.Length / dimension;
        (_lanes, _along) = (Aligned(Together * dimension), Aligned(Together * responses));
        _middles = new double[Rows * dimension];
        double[] sum = new double[dimension], wide = new double[dimension];
        for (int a = 0; a < responses; a++)
        {
            TensorPrimitives.ConvertTruncating(Phi(a), wide);
            TensorPrimitives.Add(sum, wide, sum);
        }

        TensorPrimitives.Divide(sum, Math.Max(responses, 1), sum);
        for (int row = 0; row < Rows; row++)
        {
            sum.CopyTo(_middles, row * dimension);
        }

        _lengths2 = new double[pairs.Length];
        var origin = new double[dimension];
        Share(pairs.Length, PairBlock, dimension, (first, end) =>
        {
            for (int i = first; i < end; i++)
            {
                _lengths2[i] = Distance2(i, origin);
            }
        });
    }

    /// <summary>n.</summary>
    public int Count => _pairs.Length;

    /// <summary>d.</summary>
    public int Dimension { get; }

    /// <summary>‖x_i‖² [n].</summary>
    public ReadOnlySpan<double> Lengths2 => _lengths2;

    /// <summary>Room for the distances from the centres in hand [Together, n], made once: whoever works on these points one after another uses it.</summary>
    public double[] Here => field ??= GC.AllocateUninitializedArray<double>(Together * Count);

    /// <summary>x_i.</summary>
    public void Write(int i, Span<double> x)
    {
        ReadOnlySpan<float> a = Phi(_pairs[i].First), b = Phi(_pairs[i].Second);
        for (int j = 0; j < x.Length; j++)
        {
            x[j] = ((double)a[j] - b[j]) * _scales[i];
        }
    }

    /// <summary>sum += some coordinates of x_i, from <paramref name="first"/> on.</summary>
    public void AddTo(Span<double> sum, int i, int first)
    {
        ReadOnlySpan<float> a = Phi(_pairs[i].First).Slice(first, sum.Length), b = Phi(_pairs[i].Second).Slice(first, sum.Length);
        double scale = _scales[i];
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
        double scale = _scales[i], distance2 = 0;
        ReadOnlySpan<float> a = Phi(_pairs[i].First), b = Phi(_pairs[i].Second);
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
    public void Share(int length, int block, int each, Action<int, int> body)
    {
        int count = (length + block - 1) / block;
        void Run(int number) => body(number * block, Math.Min((number + 1) * block, length));
        if (_on is null)
        {
            for (int number = 0; number < count; number++)
            {
                Run(number);
            }
        }
        else
        {
            _on.Share(count, (long)length * each, Run);
        }
    }

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
            Vector256<double> centres2 = Take(centres.Slice(first * d, some * d));
            Share(_along.Length / Together, ResponseBlock, d, Project);
            Memory<double> these = to.Slice(first * n, some * n);
            Share(n, PairBlock, 4, (begin, end) => FromProjection(centres2, these.Span, begin, end));
        }
    }

    // Centres into lanes, unused ones at 0; gives their squared lengths.
    private Vector256<double> Take(ReadOnlySpan<double> centres)
    {
        int d = Dimension;
        Vector256<double> lengths2 = default;
        Span<double> lanes = _lanes.Span;
        lanes.Clear();
        for (int k = 0; k * d < centres.Length; k++)
        {
            ReadOnlySpan<double> centre = centres.Slice(k * d, d);
            lengths2 = lengths2.WithElement(k, TensorPrimitives.SumOfSquares(centre));
            for (int j = 0; j < d; j++)
            {
                lanes[j * Together + k] = centre[j];
            }
        }

        return lengths2;
    }

    // ‖x_i‖² + ‖c‖² − 2 s_i (φ_a·c − φ_b·c) of all centres in hand at once; to is [K, n].
    private void FromProjection(Vector256<double> centres2, Span<double> to, int begin, int end)
    {
        int n = Count, last = to.Length / n - 1;

        // Unused lanes write where the last one does, before it.
        Span<double> to3 = to.Slice(last * n, n), to2 = to.Slice(Math.Min(2, last) * n, n), to1 = to.Slice(Math.Min(1, last) * n, n), to0 = to[..n];
        ref double along = ref MemoryMarshal.GetReference(_along.Span);
        for (int i = begin; i < end; i++)
        {
            Pair pair = _pairs[i];
            Vector256<double> terms = Vector256.Create(_lengths2[i]) + centres2;
            Vector256<double> gap = Vector256.LoadUnsafe(ref along, (nuint)pair.First * Together)
                - Vector256.LoadUnsafe(ref along, (nuint)pair.Second * Together);
            Vector256<double> distances2 = terms - Vector256.Create(2 * _scales[i]) * gap;
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
        int d = Dimension, n = Count;
        var centre = new double[d];
        for (int k = 0; k * n < to.Length; k++)
        {
            if (!(distances2.GetElement(k) > least.GetElement(k)))
            {
                for (int j = 0; j < d; j++)
                {
                    centre[j] = _lanes.Span[j * Together + k];
                }

                to[k * n + i] = Distance2(i, centre);
            }
        }
    }

    // (φ − φ̄)·c of rows of Φ, several at a time: each coordinate of the centres is read once for all of them.
    private void Project(int begin, int end)
    {
        int d = Dimension;
        var x = new double[Rows * d];
        ref double lanes = ref MemoryMarshal.GetReference(_lanes.Span);
        for (int a = begin; a < end; a += Rows)
        {
            int rows = Math.Min(Rows, end - a);
            TensorPrimitives.ConvertTruncating<float, double>(_phi.AsSpan(a * d, rows * d), x);
            TensorPrimitives.Subtract(x, _middles, x);
            Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            ref double x0 = ref MemoryMarshal.GetArrayDataReference(x);
            ref double x1 = ref Unsafe.Add(ref x0, d), x2 = ref Unsafe.Add(ref x1, d), x3 = ref Unsafe.Add(ref x2, d), x4 = ref Unsafe.Add(ref x3, d);
            ref double x5 = ref Unsafe.Add(ref x4, d), x6 = ref Unsafe.Add(ref x5, d), x7 = ref Unsafe.Add(ref x6, d);
            for (nint j = 0; j < d; j++)
            {
                Vector256<double> c = Vector256.LoadUnsafe(ref lanes, (nuint)(j * Together));
                s0 = Vector256.FusedMultiplyAdd(c, Vector256.Create(Unsafe.Add(ref x0, j)), s0);
                s1 = Vector256.FusedMultiplyAdd(c, Vector256.Create(Unsafe.Add(ref x1, j)), s1);
                s2 = Vector256.FusedMultiplyAdd(c, Vector256.Create(Unsafe.Add(ref x2, j)), s2);
                s3 = Vector256.FusedMultiplyAdd(c, Vector256.Create(Unsafe.Add(ref x3, j)), s3);
                s4 = Vector256.FusedMultiplyAdd(c, Vector256.Create(Unsafe.Add(ref x4, j)), s4);
                s5 = Vector256.FusedMultiplyAdd(c, Vector256.Create(Unsafe.Add(ref x5, j)), s5);
                s6 = Vector256.FusedMultiplyAdd(c, Vector256.Create(Unsafe.Add(ref x6, j)), s6);
                s7 = Vector256.FusedMultiplyAdd(c, Vector256.Create(Unsafe.Add(ref x7, j)), s7);
            }

            ReadOnlySpan<Vector256<double>> sums = [s0, s1, s2, s3, s4, s5, s6, s7];
            MemoryMarshal.Cast<Vector256<double>, double>(sums)[..(rows * Together)].CopyTo(_along.Span[(a * Together)..]);
        }
    }

    // From a cache line on: four lanes that lie across two lines cost two reads.
    private static Memory<double> Aligned(int length)
    {
        const int Line = 64;
        double[] numbers = GC.AllocateArray<double>(length + Line / sizeof(double), pinned: true);
        nint past = Marshal.UnsafeAddrOfPinnedArrayElement(numbers, 0) % Line;
        return numbers.AsMemory((int)((Line - past) % Line) / sizeof(double), length);
    }

    private ReadOnlySpan<float> Phi(int a) => _phi.AsSpan(a * Dimension, Dimension);

    private static (Vector<double> Low, Vector<double> High) Difference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector.Widen(new Vector<float>(a), out Vector<double> lowA, out Vector<double> highA);
        Vector.Widen(new Vector<float>(b), out Vector<double> lowB, out Vector<double> highB);
        return (lowA - lowB, highA - highB);
    }
}
