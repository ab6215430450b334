namespace FisherKernels.Learning.Pools;

/// <summary>Finds the rows that lie far outside all others, in passes over a pool: each pass leaves out those found so far.</summary>
/// <param name="columns">D.</param>
internal sealed class StrayRows(int columns)
{
    private const int FewestRows = 10, MostPasses = 10;

    private readonly Dictionary<int, List<int>> _rowsOf = [];       // found by column
    private readonly Dictionary<int, double> _unproven = [];        // columns found in the last pass, with the range of the others
    private readonly HashSet<int> _sparse = [];                     // columns in which nothing is stray
    private long _count;
    private int _passes;

    /// <summary>Rows to be left out of the next pass.</summary>
    public HashSet<int> Rows { get; private set; } = [];

    /// <summary>Takes what a pass without <see cref="Rows"/> found; true where another pass is needed.</summary>
    public bool Next(ColumnMoments moments, ColumnExtremes extremes)
    {
        _count = Math.Max(_count, moments.Count);
        if (_count < FewestRows || _passes++ == MostPasses)
        {
            return false;
        }

        // Where hardly any other value differs from the rest, the squares of the others come to no more than that of their range.
        foreach ((int column, double range) in _unproven)
        {
            if (!(moments.Squares(column) > range * range))
            {
                _sparse.Add(column);
                _rowsOf.Remove(column);
            }
        }

        _unproven.Clear();
        for (int column = 0; column < columns; column++)
        {
            if (!_sparse.Contains(column) && extremes.Stray(column) is { Rows.Length: > 0 } found)
            {
                _unproven[column] = found.Range;
                _rowsOf[column] = [.. _rowsOf.GetValueOrDefault(column, []), .. found.Rows];
            }
        }

        HashSet<int> rows = [.. _rowsOf.Values.SelectMany(found => found)];
        if (rows.Count * 10L > _count)
        {
            // So many are no strays but how the columns are.
            _rowsOf.Clear();
            _passes = MostPasses;
            rows = [];
        }

        bool changed = !rows.SetEquals(Rows);
        Rows = rows;
        return changed;
    }
}
