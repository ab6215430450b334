using System.Numerics;

namespace FisherKernels.Learning.Pools;

/// <summary>The few largest and smallest values of every column with their rows; those of other rows can join, in any order.</summary>
internal sealed class ColumnExtremes
{
    // Values at an end that can be stray, and those behind them that show how the end of the others falls off.
    private const int MostStray = 16, MostBehind = 8;
    private const double FarAway = 30, Tail = 2;

    private readonly int _columns;
    private readonly ColumnEnds _low, _high;

    /// <param name="columns">D.</param>
    /// <param name="rows">The most rows that are taken at a time, or no fewer than will ever be.</param>
    public ColumnExtremes(int columns, int rows = int.MaxValue)
    {
        int kept = Math.Min(MostStray + MostBehind + 1, Math.Max(rows, 1));
        _columns = columns;
        (_low, _high) = (new ColumnEnds(columns, kept, 1), new ColumnEnds(columns, kept, -1));
    }

    /// <summary>Starts again with these rows.</summary>
    /// <param name="rows">[k, D].</param>
    /// <param name="numbers">Their row numbers, ascending.</param>
    /// <param name="known">Those of rows before: what they leave no place for need not be kept; only read.</param>
    public void Take<T>(ReadOnlySpan<T> rows, ReadOnlySpan<int> numbers, ColumnExtremes known)
        where T : unmanaged, INumber<T>
    {
        _low.Clear();
        _high.Clear();
        T[] low = new T[_columns], high = new T[_columns];
        for (int j = 0; j < _columns; j++)
        {
            (low[j], high[j]) = (T.CreateTruncating(known._low.Inmost(j)), T.CreateTruncating(known._high.Inmost(j)));
        }

        for (int i = 0; i < numbers.Length; i++)
        {
            ReadOnlySpan<T> row = rows.Slice(i * _columns, _columns);
            int j = 0;
            for (; j <= _columns - Vector<T>.Count; j += Vector<T>.Count)
            {
                // Nearly all values are neither: a few looks at a whole vector are all that most rows cost. What is equal to the
                // inmost value comes from a later row and has no place.
                var values = new Vector<T>(row[j..]);
                if (Vector.LessThanAny(values, new Vector<T>(low, j)) || Vector.GreaterThanAny(values, new Vector<T>(high, j)))
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
        _low.Join(other._low);
        _high.Join(other._high);
    }

    /// <summary>Largest less smallest value of a column; −∞ where there is none.</summary>
    public double Range(int column) => _low.Values(column) is [var low, ..] && _high.Values(column) is [var high, ..]
        ? high - low
        : double.NegativeInfinity;

    /// <summary>The rows of the fewest values of a column that are stray together; none where there are none.</summary>
    /// <remarks>
    /// They are at most 16 at an end, each farther from the others than 30 times their range. The others have to be a bulk that
    /// ends: without a twentieth of them at either end, at most 8, they still span half their range. Sparse columns and heavy
    /// tails do not, and there a value far outside is nothing strange.
    /// </remarks>
    /// <param name="column">Which.</param>
    /// <param name="count">Rows that were taken in all.</param>
    public int[] Stray(int column, long count)
    {
        ReadOnlySpan<double> low = _low.Values(column), high = _high.Values(column);
        int behind = (int)Math.Clamp(count / 20, 1, MostBehind), most = (int)Math.Min(2 * MostStray, count / 10);
        for (int stray = 1; stray <= most; stray++)
        {
            for (int below = Math.Max(0, stray - MostStray); below <= Math.Min(stray, MostStray); below++)
            {
                int above = stray - below;
                double range = high[above] - low[below];

                // Halves, because the distance of two large numbers may not be finite.
                bool far = range > 0
                    && (below == 0 || (low[below] / 2 - low[below - 1] / 2) > FarAway / 2 * range)
                    && (above == 0 || (high[above - 1] / 2 - high[above] / 2) > FarAway / 2 * range);
                if (far && range <= Tail * (high[above + behind] - low[below + behind]))
                {
                    return [.. _low.Rows(column)[..below], .. _high.Rows(column)[..above]];
                }
            }
        }

        return [];
    }

    private void Add<T>(ReadOnlySpan<T> values, int first, int row, T[] low, T[] high)
        where T : unmanaged, INumber<T>
    {
        for (int j = 0; j < values.Length; j++)
        {
            int column = first + j;
            double value = double.CreateTruncating(values[j]);
            if (values[j] < low[column])
            {
                low[column] = T.Min(low[column], T.CreateTruncating(_low.Add(column, value, row)));
            }

            if (values[j] > high[column])
            {
                high[column] = T.Max(high[column], T.CreateTruncating(_high.Add(column, value, row)));
            }
        }
    }
}
