using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FisherKernels.Learning.Clustering;

/// <summary>(φ − φ̄)·c of all responses and up to four centres: what all responses have in common cancels in a pair, and so before it can round.</summary>
/// <remarks>
/// Each is one chain of fused multiply-adds in ascending coordinates; neighbouring responses are the numbers of a vector, so Φ is kept by columns.
/// Where the products are short, every thread makes all of them for itself and fetches none from another core's cache.
/// </remarks>
internal sealed class Projection : IDisposable
{
    /// <summary>Centres that go over responses together, a lane each.</summary>
    public const int Together = 4;

    // Responses of two vectors.
    private const int Rows = 16;

    private const int ResponseBlock = 16 * Rows;

    // At 5,000 responses of this width two threads shared the products in 17 µs, and fetching each other's made a step 36 µs longer where a line takes 200 ns
    // and not 60. What is longer was not measured; the rows bound what every thread holds.
    private const int ShortWidth = 64, FewRows = 1 << 16;

    // Coordinates of a mean that are summed together: some neighbouring lines of every row.
    private const int Strip = 32;

    private readonly HostThreads _threads;
    private readonly int _d, _padded;           // R to whole rows of vectors
    private readonly Rented<float> _columns;    // Φᵀ [d, padded], zeros beyond R
    private readonly Rented<double> _middles;   // φ̄ [d]
    private readonly Rented<double> _centres;   // those in hand [Together, d], unused ones at 0
    private readonly Rented<double> _lanes;     // the same [d, Together]
    private readonly Rented<double>?[] _along;  // their inner products [padded, Together], of every lane or of the first alone
    private readonly int[] _made;               // of how many takings
    private readonly bool _isShort;
    private int _taken;

    /// <param name="phi">Φ [R, d].</param>
    /// <param name="dimension">d ≥ 0.</param>
    /// <param name="threads">Who shares the work.</param>
    public Projection(ReadOnlyMemory<float> phi, int dimension, HostThreads threads)
    {
        int responses = dimension == 0 ? 0 : phi.Length / dimension;
        (_d, _padded, _threads) = (dimension, (responses + Rows - 1) / Rows * Rows, threads);
        _isShort = dimension <= ShortWidth && responses <= FewRows;
        (_along, _made) = (new Rented<double>?[threads.Lanes], new int[threads.Lanes]);
        (_columns, _middles) = (new Rented<float>(dimension * _padded), new Rented<double>(dimension));
        (_centres, _lanes) = (new Rented<double>(Together * dimension), new Rented<double>(Together * dimension));
        threads.Share(_padded, ResponseBlock, dimension, (begin, end) => Turn(phi.Span, begin, end));
        threads.Share(dimension, Strip, responses, (begin, end) => Middle(phi.Span, begin, end));
    }

    /// <summary>Inner products [R, Together] of the centres that were taken last, for a block in that lane.</summary>
    public ref double Along(int lane)
    {
        if (_isShort && _made[lane] != _taken)
        {
            Project(Of(lane), 0, _padded);
            _made[lane] = _taken;
        }

        return ref MemoryMarshal.GetReference(Of(_isShort ? lane : 0));
    }

    /// <summary>φ̄ [d].</summary>
    public ReadOnlyMemory<double> Middles => _middles.Memory;

    /// <summary>A centre that was taken last.</summary>
    public ReadOnlySpan<double> Centre(int k) => _centres.Span.Slice(k * _d, _d);

    /// <summary>Takes some centres; gives their squared lengths, 0 for those that are not there.</summary>
    /// <param name="centres">[K, d], K from 1 to <see cref="Together"/>.</param>
    public Vector256<double> Take(ReadOnlySpan<double> centres)
    {
        Vector256<double> lengths2 = default;
        Span<double> all = _centres.Span, lanes = _lanes.Span;
        all.Clear();
        centres.CopyTo(all);
        for (int k = 0; k < Together; k++)
        {
            ReadOnlySpan<double> centre = Centre(k);
            lengths2 = lengths2.WithElement(k, TensorPrimitives.SumOfSquares(centre));
            for (int j = 0; j < _d; j++)
            {
                lanes[j * Together + k] = centre[j];
            }
        }

        _taken++;
        if (!_isShort)
        {
            _ = Of(0);
            _threads.Share(_padded, ResponseBlock, _d, (begin, end) => Project(Of(0), begin, end));
        }

        return lengths2;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _columns.Dispose();
        _middles.Dispose();
        _centres.Dispose();
        _lanes.Dispose();
        foreach (Rented<double>? along in _along)
        {
            along?.Dispose();
        }
    }

    // Rows into columns, four numbers of four rows at a time; Rows of them are a cache line of each column.
    private void Turn(ReadOnlySpan<float> phi, int begin, int end)
    {
        Span<float> columns = _columns.Span;
        for (int first = begin; first < end; first += Rows)
        {
            int rows = Math.Min(Rows, phi.Length / _d - first), a = 0;
            for (; a <= rows - 4; a += 4)
            {
                ReadOnlySpan<float> four = phi.Slice((first + a) * _d, 4 * _d);
                int j = 0;
                for (; j <= _d - 4; j += 4)
                {
                    Vector512<float> square = Vector512.Shuffle(
                        Vector512.Create(
                            Vector256.Create(Vector128.Create(four[j..]), Vector128.Create(four[(_d + j)..])),
                            Vector256.Create(Vector128.Create(four[(2 * _d + j)..]), Vector128.Create(four[(3 * _d + j)..]))),
                        Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
                    int at = j * _padded + first + a;
                    square.GetLower().GetLower().CopyTo(columns[at..]);
                    square.GetLower().GetUpper().CopyTo(columns[(at + _padded)..]);
                    square.GetUpper().GetLower().CopyTo(columns[(at + 2 * _padded)..]);
                    square.GetUpper().GetUpper().CopyTo(columns[(at + 3 * _padded)..]);
                }

                Rest(phi, first + a, 4, j);
            }

            Rest(phi, first + a, rows - a, 0);
            for (int j = 0; j < _d; j++)
            {
                columns.Slice(j * _padded + first + rows, Rows - rows).Clear();
            }
        }
    }

    private void Rest(ReadOnlySpan<float> phi, int first, int rows, int from)
    {
        for (int j = from; j < _d; j++)
        {
            for (int a = first; a < first + rows; a++)
            {
                _columns.Span[j * _padded + a] = phi[a * _d + j];
            }
        }
    }

    private void Middle(ReadOnlySpan<float> phi, int begin, int end)
    {
        int responses = phi.Length / _d;
        Span<double> sum = stackalloc double[Strip];
        sum = sum[..(end - begin)];
        sum.Clear();
        for (int a = 0; a < responses; a++)
        {
            ReadOnlySpan<float> row = phi.Slice(a * _d + begin, sum.Length);
            int j = 0;
            for (; j <= row.Length - Vector<float>.Count; j += Vector<float>.Count)
            {
                Vector.Widen(new Vector<float>(row[j..]), out Vector<double> low, out Vector<double> high);
                (new Vector<double>(sum[j..]) + low).CopyTo(sum[j..]);
                (new Vector<double>(sum[(j + Vector<double>.Count)..]) + high).CopyTo(sum[(j + Vector<double>.Count)..]);
            }

            for (; j < row.Length; j++)
            {
                sum[j] += row[j];
            }
        }

        TensorPrimitives.Divide(sum, Math.Max(responses, 1), _middles.Span[begin..end]);
    }

    private Span<double> Of(int lane) => (_along[lane] ??= new Rented<double>(Together * _padded)).Span;

    private void Project(Span<double> along, int begin, int end)
    {
        int d = _d;
        ref float columns = ref MemoryMarshal.GetReference(_columns.Span);
        ref double middles = ref MemoryMarshal.GetReference(_middles.Span), lanes = ref MemoryMarshal.GetReference(_lanes.Span);
        for (int first = begin; first < end; first += Rows)
        {
            Vector512<double> low0 = default, low1 = default, low2 = default, low3 = default, high0 = default, high1 = default, high2 = default, high3 = default;
            ref float x = ref Unsafe.Add(ref columns, first);
            ref double c = ref lanes;
            for (nint j = 0; j < d; j++)
            {
                (Vector512<double> low, Vector512<double> high) = Vector512.Widen(Vector512.LoadUnsafe(ref x));
                Vector512<double> middle = Vector512.Create(Unsafe.Add(ref middles, j));
                low -= middle;
                high -= middle;
                Vector512<double> c0 = Vector512.Create(c), c1 = Vector512.Create(Unsafe.Add(ref c, 1)), c2 = Vector512.Create(Unsafe.Add(ref c, 2)), c3 = Vector512.Create(Unsafe.Add(ref c, 3));
                low0 = Vector512.FusedMultiplyAdd(c0, low, low0);
                low1 = Vector512.FusedMultiplyAdd(c1, low, low1);
                low2 = Vector512.FusedMultiplyAdd(c2, low, low2);
                low3 = Vector512.FusedMultiplyAdd(c3, low, low3);
                high0 = Vector512.FusedMultiplyAdd(c0, high, high0);
                high1 = Vector512.FusedMultiplyAdd(c1, high, high1);
                high2 = Vector512.FusedMultiplyAdd(c2, high, high2);
                high3 = Vector512.FusedMultiplyAdd(c3, high, high3);
                x = ref Unsafe.Add(ref x, _padded);
                c = ref Unsafe.Add(ref c, Together);
            }

            ReadOnlySpan<Vector512<double>> sums = [low0, high0, low1, high1, low2, high2, low3, high3];
            ReadOnlySpan<double> products = MemoryMarshal.Cast<Vector512<double>, double>(sums);
            Span<double> to = along.Slice(first * Together, Rows * Together);
            for (int a = 0; a < Rows; a++)
            {
                for (int k = 0; k < Together; k++)
                {
                    to[a * Together + k] = products[k * Rows + a];
                }
            }
        }
    }
}
