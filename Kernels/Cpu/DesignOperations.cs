using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace FisherKernels.Kernels.Cpu;

/// <summary>Fisher information and what is chosen by it, on plain memory (<see cref="Backend"/> says what each operation means).</summary>
/// <remarks>
/// Scratch is kept from call to call and the blocks are delegates made once, so that in the long run nothing is allocated.
/// Serves one thread at a time. A block begins with a look at <see cref="Cancellation"/>.
/// </remarks>
internal sealed unsafe class DesignOperations
{
    private const int PairBlock = CpuBackend.PairBlock;
    private const int ResponseBlock = CpuBackend.ResponseBlock;

    // So many rows of Φ, widened, stay beside a panel of L⁻¹ in the nearest cache.
    private const int RowBlock = 32;

    // Bytes of features, pairs and weights from which on looking ahead saves more than it costs: the less, the more numbers a look calls.
    private const long WideNearBytes = 1 << 21, NarrowNearBytes = 1 << 23;

    private readonly Workers _threads;
    private readonly Action<int, int> _varianceBlock, _informationPart, _whitenBlock, _gradientBlock;
    private readonly double[][] _flow, _wide, _panels;
    private readonly TopSelection _top = new();
    private double[] _sums = [], _factor = [];

    // What the running operation works on, pinned by it until it is done.
    private Pair* _pairs;
    private int* _starts, _incident;
    private float* _phi, _r, _v, _g;
    private double* _z;
    private int _n, _responses, _d, _partRows;
    private bool _isFar;

    public DesignOperations(Workers threads)
    {
        _threads = threads;
        (_varianceBlock, _informationPart, _whitenBlock, _gradientBlock) = (VarianceBlock, InformationPart, WhitenBlock, GradientBlock);
        (_flow, _wide, _panels) = (Lanes(), Lanes(), Lanes());

        double[][] Lanes() => [.. Enumerable.Repeat(Array.Empty<double>(), threads.Count)];
    }

    /// <summary>Ends an operation early, with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>v = p(1 − p).</summary>
    public void Variances(ReadOnlySpan<Pair> pairs, ReadOnlySpan<float> r, Span<float> v)
    {
        fixed (Pair* pinnedPairs = pairs)
        fixed (float* pinnedR = r, pinnedV = v)
        {
            _pairs = pinnedPairs;
            _r = pinnedR;
            _v = pinnedV;
            _n = pairs.Length;
            Blocks.Run(_threads, Blocks.Count(_n, PairBlock), 10L * _n, _varianceBlock);
        }
    }

    /// <summary>I = Φᵀ Λ Φ.</summary>
    /// <remarks>
    /// Row blocks of ΛΦ are gathered and multiplied at once, so that ΛΦ is never whole. A part of the responses sums into a
    /// matrix of its own; the parts depend on R and d alone, and are added in order.
    /// </remarks>
    public void Information(
        ReadOnlySpan<Pair> pairs, ReadOnlySpan<int> starts, ReadOnlySpan<int> incident, ReadOnlySpan<float> phi, int d,
        ReadOnlySpan<float> v, Span<double> fisher)
    {
        int responses = starts.Length - 1, size = d * d, mostParts = Math.Clamp((1 << 25) / size, 1, 16);
        int partRows = Blocks.Count(Blocks.Count(responses, mostParts), ResponseBlock) * ResponseBlock,
            parts = Blocks.Count(responses, partRows);
        Span<double> sums = Scratch.Of(ref _sums, parts * size);
        fixed (Pair* pinnedPairs = pairs)
        fixed (int* pinnedStarts = starts, pinnedIncident = incident)
        fixed (float* pinnedPhi = phi, pinnedV = v)
        {
            _pairs = pinnedPairs;
            _starts = pinnedStarts;
            _incident = pinnedIncident;
            _phi = pinnedPhi;
            _v = pinnedV;
            (_n, _responses, _d, _partRows) = (pairs.Length, responses, d, partRows);
            _isFar = 4L * responses * d + 12L * _n > (Laplacian.HasWideStrip(d) ? WideNearBytes : NarrowNearBytes);
            Blocks.Run(_threads, parts, 2L * _n * d + (long)responses * size / 2, _informationPart);
        }

        for (int j = 0; j < d; j++)
        {
            Span<double> row = fisher.Slice(j * d, j + 1);
            sums.Slice(j * d, j + 1).CopyTo(row);
            for (int part = 1; part < parts; part++)
            {
                TensorPrimitives.Add(row, sums.Slice(part * size + j * d, j + 1), row);
            }

            for (int k = 0; k < j; k++)
            {
                fisher[k * d + j] = row[k];
            }
        }
    }

    /// <summary>Z = Φ L⁻ᵀ.</summary>
    public void Whiten(ReadOnlySpan<float> phi, int d, ReadOnlySpan<double> inverse, Span<double> z)
    {
        Gemm.Pack(inverse, 1, d, d, d, PackedFactor(d), Gemm.Part.UpperFactor);
        fixed (float* pinnedPhi = phi)
        fixed (double* pinnedZ = z)
        {
            _phi = pinnedPhi;
            _z = pinnedZ;
            _responses = phi.Length / d;
            _d = d;
            Blocks.Run(_threads, Blocks.Count(_responses, RowBlock), (long)_responses * d * d / 2, _whitenBlock);
        }
    }

    /// <summary>g = v ‖z_a − z_b‖².</summary>
    public void LogDetGradient(ReadOnlySpan<Pair> pairs, ReadOnlySpan<double> z, int d, ReadOnlySpan<float> v, Span<float> g)
    {
        fixed (Pair* pinnedPairs = pairs)
        fixed (double* pinnedZ = z)
        fixed (float* pinnedV = v, pinnedG = g)
        {
            _pairs = pinnedPairs;
            _z = pinnedZ;
            _v = pinnedV;
            _g = pinnedG;
            _n = pairs.Length;
            _d = d;
            Blocks.Run(_threads, Blocks.Count(_n, PairBlock), (long)_n * d, _gradientBlock);
        }
    }

    /// <summary>Numbers of the largest scores, largest first.</summary>
    public void Top(ReadOnlySpan<float> score, Span<int> best) => _top.Run(score, best);

    private void VarianceBlock(int block, int lane)
    {
        Cancellation.ThrowIfCancellationRequested();
        int first = block * PairBlock, count = Math.Min(PairBlock, _n - first);
        Pair* pairs = _pairs + first;
        var v = new Span<float>(_v + first, count);
        for (int i = 0; i < count; i++)
        {
            v[i] = _r[pairs[i].First] - _r[pairs[i].Second];
        }

        VectorMath.Map<Variance>(v, v, v);
    }

    private void InformationPart(int part, int lane)
    {
        int d = _d, start = part * _partRows, end = start + Math.Min(_responses - start, _partRows);
        Span<double> phi = Scratch.Of(ref _wide[lane], ResponseBlock * d), flow = Scratch.Of(ref _flow[lane], ResponseBlock * d);
        Span<double> packed = Scratch.Of(ref _panels[lane], Gemm.Panels<double>(d) * ResponseBlock * Gemm.Width<double>());
        for (int first = start; first < end; first += ResponseBlock)
        {
            Cancellation.ThrowIfCancellationRequested();
            int rows = Math.Min(ResponseBlock, end - first);
            fixed (double* to = flow)
            {
                for (int j = 0; j < rows; j++)
                {
                    int a = first + j;
                    if (_isFar)
                    {
                        Laplacian.Row<Laplacian.Far>(a, _starts, _incident, 2 * _n, _pairs, _v, _phi, d, to + j * d);
                    }
                    else
                    {
                        Laplacian.Row<Laplacian.Near>(a, _starts, _incident, 2 * _n, _pairs, _v, _phi, d, to + j * d);
                    }
                }
            }

            TensorPrimitives.ConvertTruncating(new ReadOnlySpan<float>(_phi + (long)first * d, rows * d), phi);
            Gemm.Pack<double>(flow, d, 1, rows, d, packed);
            Gemm.Multiply<double>(
                d, d, rows, phi, 1, d, packed, Scratch.Of(ref _sums, (part + 1) * d * d)[(part * d * d)..], d, add: first > start,
                Gemm.Part.LowerResult);
        }
    }

    private void WhitenBlock(int block, int lane)
    {
        Cancellation.ThrowIfCancellationRequested();
        int d = _d, first = block * RowBlock, rows = Math.Min(RowBlock, _responses - first);
        Span<double> phi = Scratch.Of(ref _wide[lane], RowBlock * d);
        TensorPrimitives.ConvertTruncating(new ReadOnlySpan<float>(_phi + (long)first * d, rows * d), phi);
        Gemm.Multiply<double>(
            rows, d, d, phi, d, 1, PackedFactor(d), new Span<double>(_z + (long)first * d, rows * d), d, add: false, Gemm.Part.UpperFactor);
    }

    private void GradientBlock(int block, int lane)
    {
        Cancellation.ThrowIfCancellationRequested();
        int d = _d, first = block * PairBlock, count = Math.Min(PairBlock, _n - first);
        for (int i = first; i < first + count; i++)
        {
            double* a = _z + (long)_pairs[i].First * d, b = _z + (long)_pairs[i].Second * d;
            _g[i] = (float)(_v[i] * Vectors.SquaredDistance(new ReadOnlySpan<double>(a, d), new ReadOnlySpan<double>(b, d)));
        }
    }

    private Span<double> PackedFactor(int d) => Scratch.Of(ref _factor, Gemm.Panels<double>(d) * d * Gemm.Width<double>());

    private readonly struct Variance : VectorMath.IMap
    {
        public static Vector256<float> Of(Vector256<float> x, Vector256<float> dy) => VectorMath.Variance(x);
    }
}
