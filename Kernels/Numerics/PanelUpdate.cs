using System.Runtime.Intrinsics;

namespace FisherKernels.Kernels.Numerics;

/// <summary>Rows of a matrix less multiples of some rows above them, which are read once for many: the work of a factorisation.</summary>
/// <remarks>
/// <code>
/// target_i −= Σ_{k &lt; count} s_ik source_k        s_ik = scales[i·scaleRow + k·scaleStep]
/// </code>
/// A number is one chain of fused multiply-adds in ascending k, whatever the number of threads and of rows at a time.
/// </remarks>
/// <param name="threads">Threads that share the rows; null for the caller alone.</param>
internal sealed unsafe class PanelUpdate(IBlockRunner? threads)
{
    /// <summary>Rows that are subtracted at once: a square of them stays in the nearest cache.</summary>
    public const int Panel = 32;

    // Numbers of a vector, so that rows are gone through without a rest where d is a multiple of it.
    private const int Whole = 8;

    private const int TargetBlock = 32;

    // Of a panel, copied together: 4 KB.
    private const int Columns = 16;

    private Action<int, int>? _block;
    private double* _scales, _source, _target;
    private int _scaleRow, _scaleStep, _count, _first, _rows, _d;
    private bool _isLower;

    /// <summary>
    /// Rows first + count … d − 1 of Lᵀ, above and on the diagonal, less multiples of the panel's: scales are the panel's own columns.
    /// </summary>
    /// <param name="l">[d, d]; rows first … first + count − 1 are final.</param>
    /// <param name="d">Rows.</param>
    /// <param name="first">First row of the panel.</param>
    /// <param name="count">Its rows.</param>
    public void Upper(Span<double> l, int d, int first, int count)
    {
        fixed (double* pinned = l)
        {
            Run(pinned + (long)first * d + first + count, 1, d, pinned, pinned, d, first, count, isLower: false);
        }
    }

    /// <summary>The same rows of L⁻¹, below and on the diagonal, less multiples of the panel's: scales are rows of L.</summary>
    /// <param name="l">L [d, d].</param>
    /// <param name="inverse">[d, d]; rows first … first + count − 1 are final.</param>
    /// <param name="d">Rows.</param>
    /// <param name="first">First row of the panel.</param>
    /// <param name="count">Its rows.</param>
    public void Lower(ReadOnlySpan<double> l, Span<double> inverse, int d, int first, int count)
    {
        fixed (double* pinnedL = l, pinned = inverse)
        {
            Run(pinnedL + (long)(first + count) * d + first, d, 1, pinned, pinned, d, first, count, isLower: true);
        }
    }

    private void Run(double* scales, int scaleRow, int scaleStep, double* source, double* target, int d, int first, int count, bool isLower)
    {
        _scales = scales;
        _source = source;
        _target = target;
        (_scaleRow, _scaleStep, _count, _first, _rows, _d, _isLower) = (scaleRow, scaleStep, count, first, d - first - count, d, isLower);
        int blocks = (_rows + TargetBlock - 1) / TargetBlock;
        if (threads is null)
        {
            for (int block = 0; block < blocks; block++)
            {
                Block(block, 0);
            }
        }
        else
        {
            threads.Run(blocks, (long)_rows * count * (isLower ? first + count : _rows / 2), _block ??= Block);
        }
    }

    // Rows of a wide matrix lie a multiple of a page apart and push each other out of the nearest cache: what many rows read is
    // copied together first.
    private void Block(int block, int lane)
    {
        int start = block * TargetBlock, rows = Math.Min(TargetBlock, _rows - start), above = _first + _count, d = _d;
        double* scales = stackalloc double[TargetBlock * Panel], source = stackalloc double[Panel * Columns];
        for (int i = 0; i < rows; i++)
        {
            for (int k = 0; k < _count; k++)
            {
                scales[i * Panel + k] = -_scales[(long)(start + i) * _scaleRow + (long)k * _scaleStep];
            }
        }

        // From or to a whole vector: what lies beyond the diagonal is zero, or not read.
        int from = _isLower ? 0 : (above + start) / Whole * Whole, to = _isLower ? Math.Min(d, (above + Whole - 1) / Whole * Whole) : d;
        double* panel = _source + (long)_first * d, target = _target + (long)(above + start) * d;
        for (int j = from; j < to; j += Columns)
        {
            int width = Math.Min(Columns, to - j);
            for (int k = 0; k < _count; k++)
            {
                new ReadOnlySpan<double>(panel + (long)k * d + j, width).CopyTo(new Span<double>(source + k * Columns, width));
            }

            for (int i = 0; i < rows; i += 2)
            {
                double* sums = target + (long)i * d + j, next = i + 1 < rows ? sums + d : null;
                if (width == Columns && next != null)
                {
                    TwoRows(scales + i * Panel, source, sums, next);
                }
                else
                {
                    Rest(scales + i * Panel, source, new Span<double>(sums, width));
                    if (next != null)
                    {
                        Rest(scales + (i + 1) * Panel, source, new Span<double>(next, width));
                    }
                }
            }
        }
    }

    // The sums stay in registers while the rows of the panel pass by.
    private void TwoRows(double* scales, double* source, double* first, double* second)
    {
        Vector256<double> a0 = Vector256.Load(first), a1 = Vector256.Load(first + 4);
        Vector256<double> a2 = Vector256.Load(first + 8), a3 = Vector256.Load(first + 12);
        Vector256<double> b0 = Vector256.Load(second), b1 = Vector256.Load(second + 4);
        Vector256<double> b2 = Vector256.Load(second + 8), b3 = Vector256.Load(second + 12);
        for (int k = _count; k > 0; k--, source += Columns, scales++)
        {
            Vector256<double> a = Vector256.Create(scales[0]), b = Vector256.Create(scales[Panel]);
            Vector256<double> x = Vector256.Load(source);
            a0 = Vector256.FusedMultiplyAdd(a, x, a0);
            b0 = Vector256.FusedMultiplyAdd(b, x, b0);
            x = Vector256.Load(source + 4);
            a1 = Vector256.FusedMultiplyAdd(a, x, a1);
            b1 = Vector256.FusedMultiplyAdd(b, x, b1);
            x = Vector256.Load(source + 8);
            a2 = Vector256.FusedMultiplyAdd(a, x, a2);
            b2 = Vector256.FusedMultiplyAdd(b, x, b2);
            x = Vector256.Load(source + 12);
            a3 = Vector256.FusedMultiplyAdd(a, x, a3);
            b3 = Vector256.FusedMultiplyAdd(b, x, b3);
        }

        a0.Store(first);
        a1.Store(first + 4);
        a2.Store(first + 8);
        a3.Store(first + 12);
        b0.Store(second);
        b1.Store(second + 4);
        b2.Store(second + 8);
        b3.Store(second + 12);
    }

    private void Rest(double* scales, double* source, Span<double> sums)
    {
        for (int k = 0; k < _count; k++)
        {
            Vectors.AddMultiple(scales[k], new ReadOnlySpan<double>(source + k * Columns, sums.Length), sums);
        }
    }
}
