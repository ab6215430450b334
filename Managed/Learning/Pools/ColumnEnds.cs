namespace FisherKernels.Learning.Pools;

/// <summary>The outmost values of every column at one end, from the outside in, with their rows.</summary>
/// <param name="columns">D.</param>
/// <param name="most">How many of a column are kept.</param>
/// <param name="sign">1 for the least values, −1 for the largest.</param>
internal sealed class ColumnEnds(int columns, int most, int sign)
{
    private readonly double[] _values = new double[(long)columns * most];
    private readonly int[] _rows = new int[(long)columns * most], _counts = new int[columns];

    /// <summary>Forgets all.</summary>
    public void Clear() => Array.Clear(_counts);

    /// <summary>Those of a column.</summary>
    public ReadOnlySpan<double> Values(int column) => _values.AsSpan(column * most, _counts[column]);

    /// <summary>Their rows.</summary>
    public ReadOnlySpan<int> Rows(int column) => _rows.AsSpan(column * most, _counts[column]);

    /// <summary>The value that the next one has to go beyond; the infinity at the other side while there is room.</summary>
    public double Inmost(int column) => _counts[column] < most ? sign * double.PositiveInfinity : _values[column * most + most - 1];

    /// <summary>Adds those of other rows.</summary>
    public void Join(ColumnEnds other)
    {
        for (int column = 0; column < columns; column++)
        {
            ReadOnlySpan<double> values = other.Values(column);
            for (int k = 0; k < values.Length; k++)
            {
                Add(column, values[k], other.Rows(column)[k]);
            }
        }
    }

    /// <summary>Adds a value where it belongs; gives <see cref="Inmost"/>.</summary>
    public double Add(int column, double value, int row)
    {
        // Equal values by their rows, so that what is kept does not depend on the order in which rows come.
        int start = column * most, at = start + _counts[column];
        if (_counts[column] == most)
        {
            if (!IsOutside(value, row, --at))
            {
                return _values[at];
            }
        }
        else
        {
            _counts[column]++;
        }

        for (; at > start && IsOutside(value, row, at - 1); at--)
        {
            (_values[at], _rows[at]) = (_values[at - 1], _rows[at - 1]);
        }

        (_values[at], _rows[at]) = (value, row);
        return Inmost(column);
    }

    private bool IsOutside(double value, int row, int at) =>
        value == _values[at] ? row < _rows[at] : sign * value < sign * _values[at];
}
