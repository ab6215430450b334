namespace FisherKernels.Learning.Pools;

/// <summary>Mean and sum of squares about it, of every column of some rows; those of other rows can join.</summary>
internal sealed class ColumnMoments(int columns)
{
    private readonly double[] _mean = new double[columns], _squares = new double[columns];

    /// <summary>Rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>Starts again with these rows, at least one.</summary>
    public void Take(ReadOnlySpan<float> rows)
    {
        Count = rows.Length / columns;
        Array.Clear(_mean);
        Array.Clear(_squares);
        for (int start = 0; start < rows.Length; start += columns)
        {
            ReadOnlySpan<float> row = rows.Slice(start, columns);
            for (int j = 0; j < row.Length; j++)
            {
                _mean[j] += row[j];
            }
        }

        for (int j = 0; j < columns; j++)
        {
            _mean[j] /= Count;
        }

        for (int start = 0; start < rows.Length; start += columns)
        {
            ReadOnlySpan<float> row = rows.Slice(start, columns);
            for (int j = 0; j < row.Length; j++)
            {
                double step = row[j] - _mean[j];
                _squares[j] += step * step;
            }
        }
    }

    /// <summary>Adds other rows, without cancellation (Chan, Golub and LeVeque 1983).</summary>
    public void Join(ColumnMoments other)
    {
        double all = Count + other.Count;
        for (int j = 0; j < columns; j++)
        {
            double step = other._mean[j] - _mean[j];
            _squares[j] += other._squares[j] + step * step * Count * other.Count / all;
            _mean[j] += step * other.Count / all;
        }

        Count += other.Count;
    }

    /// <summary>Of the rows so far; zeros where there are none.</summary>
    public ColumnStatistics Statistics() => new([.. _mean], [.. _squares.Select(square => Math.Sqrt(square / Math.Max(Count, 1)))]);
}
