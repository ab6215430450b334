namespace FisherKernels.Learning.Pools;

/// <summary>Finds the rows that lie far outside all others, in passes over a pool: each pass leaves out those found so far.</summary>
/// <param name="columns">D.</param>
internal sealed class StrayRows(int columns)
{
    private const int FewestRows = 10, MostPasses = 10;

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

        HashSet<int> rows = [.. Rows];
        for (int column = 0; column < columns; column++)
        {
            rows.UnionWith(extremes.Stray(column, moments.Count));
        }

        if (rows.Count * 10L > _count)
        {
            // So many are no strays but how the columns are.
            _passes = MostPasses;
            rows = [];
        }

        bool changed = !rows.SetEquals(Rows);
        Rows = rows;
        return changed;
    }
}
