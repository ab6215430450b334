using System.Numerics;

namespace FisherKernels.Learning.Pools;

/// <summary>The few largest and smallest values of every column with their rows; those of other rows can join, in any order.</summary>
internal sealed class ColumnExtremes
{
    /// <summary>Values at an end that can be stray; one more is kept, the first that is not.</summary>
    public const int MostStray = 3;

    private const int Kept = MostStray + 1;
    private const double FarAway = 30;

    private readonly int _columns;
    private readonly double[] _least, _largest;       // [D, Kept], from the outside in
    private readonly int[] _leastRow, _largestRow;

    public ColumnExtremes(int columns)
    {
        _columns = columns;
        (_least, _largest) = (new double[columns * Kept], new double[columns * Kept]);
        (_leastRow, _largestRow) = (new int[columns * Kept], new int[columns * Kept]);
        Clear();
    }

    /// <summary>Starts again with these rows.</summary>
    /// <param name="rows">[k, D].</param>
    /// <param name="numbers">Their row numbers.</param>
    /// <param name="known">Those of rows before: what they leave no place for need not be kept; only read.</param>
    public void Take<T>(ReadOnlySpan<T> rows, ReadOnlySpan<int> numbers, ColumnExtremes known)
        where T : unmanaged, INumber<T>
    {
        Clear();
        T[] low = new T[_columns], high = new T[_columns];
        for (int j = 0; j < _columns; j++)
        {
            (low[j], high[j]) = (T.CreateTruncating(known._least[Inmost(j)]), T.CreateTruncating(known._largest[Inmost(j)]));
        }

        for (int i = 0; i < numbers.Length; i++)
        {
            ReadOnlySpan<T> row = rows.Slice(i * _columns, _columns);
            int j = 0;
            for (; j <= _columns - Vector<T>.Count; j += Vector<T>.Count)
            {
                // Nearly all values are neither: a few looks at a whole vector are all that most rows cost.
                var values = new Vector<T>(row[j..]);
                if (Vector.LessThanOrEqualAny(values, new Vector<T>(low, j)) || Vector.GreaterThanOrEqualAny(values, new Vector<T>(high, j)))
                {
                    Add(row.Slice(j, Vector<T>.Count), j, numbers[i], low, high);
                }
            }

            Add(row[j..], j, numbers[i], low, high);
        }
    }

    /// <summary>Adds those of other rows.</summary>
    public void Join(ColumnExtremes other)
    {
        for (int j = 0; j < _columns; j++)
        {
            for (int k = 0; k < Kept; k++)
            {
                int at = j * Kept + k;
                Add(_least, _leastRow, j, other._least[at], other._leastRow[at], 1);
                Add(_largest, _largestRow, j, other._largest[at], other._largestRow[at], -1);
            }
        }
    }

    /// <summary>Largest less smallest value of a column.</summary>
    public double Range(int column) => _largest[column * Kept] - _least[column * Kept];

    /// <summary>The fewest values of a column that are stray together: the range of the others, and their rows; no rows where there are
    /// none.</summary>
    public (double Range, int[] Rows) Stray(int column)
    {
        ReadOnlySpan<double> low = _least.AsSpan(column * Kept, Kept), high = _largest.AsSpan(column * Kept, Kept);
        for (int count = 1; count <= 2 * MostStray; count++)
        {
            for (int below = Math.Max(0, count - MostStray); below <= Math.Min(count, MostStray); below++)
            {
                int above = count - below;
                double range = high[above] - low[below];

                // Halves, because the distance of two large numbers may not be finite.
                bool far = range > 0
                    && (below == 0 || (low[below] / 2 - low[below - 1] / 2) > FarAway / 2 * range)
                    && (above == 0 || (high[above - 1] / 2 - high[above] / 2) > FarAway / 2 * range);
                if (far)
                {
                    return (range, [
                        .. _leastRow.AsSpan(column * Kept, below),
                        .. _largestRow.AsSpan(column * Kept, above),
                    ]);
                }
            }
        }

        return (Range(column), []);
    }

    private void Clear()
    {
        _least.AsSpan().Fill(double.PositiveInfinity);
        _largest.AsSpan().Fill(double.NegativeInfinity);
        _leastRow.AsSpan().Fill(int.MaxValue);
        _largestRow.AsSpan().Fill(int.MaxValue);
    }

    private static int Inmost(int column) => column * Kept + Kept - 1;

    private void Add<T>(ReadOnlySpan<T> values, int first, int row, T[] low, T[] high)
        where T : unmanaged, INumber<T>
    {
        for (int j = 0; j < values.Length; j++)
        {
            int column = first + j;
            double value = double.CreateTruncating(values[j]);
            if (values[j] <= low[column])
            {
                Add(_least, _leastRow, column, value, row, 1);
                low[column] = T.Min(low[column], T.CreateTruncating(_least[Inmost(column)]));
            }

            if (values[j] >= high[column])
            {
                Add(_largest, _largestRow, column, value, row, -1);
                high[column] = T.Max(high[column], T.CreateTruncating(_largest[Inmost(column)]));
            }
        }
    }

    // Equal values by their rows, so that what is kept does not depend on the order in which rows come.
    private static void Add(double[] values, int[] rows, int column, double value, int row, int sign)
    {
        int at = column * Kept + Kept - 1;
        if (sign * value.CompareTo(values[at]) is var order && (order > 0 || (order == 0 && row >= rows[at])))
        {
            return;
        }

        for (; at > column * Kept; at--)
        {
            int outer = sign * value.CompareTo(values[at - 1]);
            if (outer > 0 || (outer == 0 && row > rows[at - 1]))
            {
                break;
            }

            (values[at], rows[at]) = (values[at - 1], rows[at - 1]);
        }

        (values[at], rows[at]) = (value, row);
    }
}
