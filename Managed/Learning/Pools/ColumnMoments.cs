using System.Numerics;
using System.Runtime.InteropServices;

namespace FisherKernels.Learning.Pools;

/// <summary>Mean, sum of squares about it and what rounding to float32 changes, of every column of some rows; those of other rows can
/// join.</summary>
internal sealed class ColumnMoments(int columns)
{
    private readonly double[] _mean = new double[columns], _squares = new double[columns], _rounding = new double[columns];

    /// <summary>Rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>Starts again with these rows.</summary>
    public void Take<T>(ReadOnlySpan<T> rows)
        where T : unmanaged, INumber<T>
    {
        Count = rows.Length / columns;
        Array.Clear(_mean);
        Array.Clear(_squares);
        Array.Clear(_rounding);
        if (Count == 0)
        {
            return;
        }

        for (int start = 0; start < rows.Length; start += columns)
        {
            ReadOnlySpan<T> row = rows.Slice(start, columns);
            for (int j = typeof(T) == typeof(float) ? AddFloats(MemoryMarshal.Cast<T, float>(row)) : 0; j < row.Length; j++)
            {
                _mean[j] += double.CreateTruncating(row[j]);
            }
        }

        for (int j = 0; j < columns; j++)
        {
            _mean[j] /= Count;
        }

        for (int start = 0; start < rows.Length; start += columns)
        {
            ReadOnlySpan<T> row = rows.Slice(start, columns);
            for (int j = typeof(T) == typeof(float) ? AddSquares(MemoryMarshal.Cast<T, float>(row)) : 0; j < row.Length; j++)
            {
                double value = double.CreateTruncating(row[j]), step = value - _mean[j];
                _squares[j] += step * step;
                if (typeof(T) == typeof(double))
                {
                    double lost = value - (float)value;
                    _rounding[j] += lost * lost;
                }
            }
        }
    }

    // Columns side by side: each is summed as it is one by one, to the last bit.
    private int AddFloats(ReadOnlySpan<float> row)
    {
        int j = 0, half = Vector<double>.Count;
        for (; j <= row.Length - Vector<float>.Count; j += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[j..]), out Vector<double> low, out Vector<double> high);
            (new Vector<double>(_mean, j) + low).CopyTo(_mean, j);
            (new Vector<double>(_mean, j + half) + high).CopyTo(_mean, j + half);
        }

        return j;
    }

    private int AddSquares(ReadOnlySpan<float> row)
    {
        int j = 0, half = Vector<double>.Count;
        for (; j <= row.Length - Vector<float>.Count; j += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[j..]), out Vector<double> low, out Vector<double> high);
            low -= new Vector<double>(_mean, j);
            high -= new Vector<double>(_mean, j + half);
            (new Vector<double>(_squares, j) + low * low).CopyTo(_squares, j);
            (new Vector<double>(_squares, j + half) + high * high).CopyTo(_squares, j + half);
        }

        return j;
    }

    /// <summary>Adds other rows, without cancellation (Chan, Golub and LeVeque 1983).</summary>
    public void Join(ColumnMoments other)
    {
        double all = Count + other.Count;
        if (other.Count == 0)
        {
            return;
        }

        for (int j = 0; j < columns; j++)
        {
            double step = other._mean[j] - _mean[j];
            _squares[j] += other._squares[j] + step * step * Count * other.Count / all;
            _mean[j] += step * other.Count / all;
            _rounding[j] += other._rounding[j];
        }

        Count += other.Count;
    }

    /// <summary>Sum of squares about the mean, of a column.</summary>
    public double Squares(int column) => _squares[column];

    /// <summary>Of the rows so far; zeros where there are none.</summary>
    public ColumnStatistics Statistics() => new([.. _mean], [.. _squares.Select(square => Math.Sqrt(square / Math.Max(Count, 1)))])
    {
        Rows = (int)Count,
        LostInFloat32 = [.. Enumerable.Range(0, columns).Where(j => _rounding[j] > 1e-4 * _squares[j] && _rounding[j] > 0)],
    };
}
