using FisherKernels.Kernels;

namespace FisherKernels.Learning.Pools;

/// <summary>All pairs of different responses of some prompts, each with a number, none of them stored.</summary>
/// <remarks>
/// In-prompt, a prompt is a group; across prompts, all responses are one. The rows of a group stand one after the other, those of equal
/// embeddings together, and a row is paired with every row of its group that stands before the first one of its own embedding:
/// <code>
/// number of (i, j), i &lt; j  =  pairs of the rows before j  +  i        i, j places in the group
/// </code>
/// Without equal embeddings that is j(j − 1)/2 + i. Rows whose embedding is not finite are in no pair.
/// </remarks>
internal sealed class PairSpace
{
    // By place, group after group: the row, where its group starts, how many pairs come before its own.
    private readonly int[] _rows, _starts;
    private readonly long[] _before; // one more than there are places: the last is all
    private readonly Dictionary<int, int> _places = [];

    /// <param name="responses">The responses of each prompt, ascending; no row in two of them.</param>
    /// <param name="scope">Which of them may be compared.</param>
    /// <param name="marks">Marks of given rows (<see cref="EmbeddingPool.Marks"/>); without it all differ.</param>
    public PairSpace(int[][] responses, CandidateScope scope, Func<int[], UInt128[]>? marks = null)
    {
        int[] all = [.. responses.SelectMany(group => group)];
        int[] lengths = [.. responses.Select(group => group.Length)];
        if (scope == CandidateScope.CrossPrompt)
        {
            Array.Sort(all);
            lengths = [all.Length];
        }

        (_rows, _starts, _before) = (new int[all.Length], new int[all.Length], new long[all.Length + 1]);
        UInt128[]? known = marks?.Invoke(all);
        int place = 0, read = 0;
        foreach (int length in lengths)
        {
            int start = place, own = place, last = -1;
            foreach ((int row, int kind) in Kinds(all.AsSpan(read, length), known is null ? [] : known.AsSpan(read, length)))
            {
                own = kind == last ? own : place;
                (_rows[place], _starts[place], _places[row], last) = (row, start, place, kind);
                _before[++place] = _before[place - 1] + (own - start);
            }

            Broken += length - (place - start);
            Identical += (place - start) * (place - start - 1L) / 2 - (_before[place] - _before[start]);
            read += length;
        }

        Count = _before[place];
        Array.Resize(ref _before, place + 1);
    }

    /// <summary>How many pairs.</summary>
    public long Count { get; }

    /// <summary>How many pairs of equal embeddings were left out.</summary>
    public long Identical { get; }

    /// <summary>How many responses were left out whose embedding is not finite.</summary>
    public int Broken { get; }

    /// <summary>The number of a pair in either order, or −1 where it is none of these.</summary>
    public long Number(Pair pair)
    {
        if (!_places.TryGetValue(pair.First, out int first) || !_places.TryGetValue(pair.Second, out int second))
        {
            return -1;
        }

        (first, second) = (Math.Min(first, second), Math.Max(first, second));
        long number = _before[second] + (first - _starts[second]);
        return _starts[first] == _starts[second] && number < _before[second + 1] ? number : -1;
    }

    /// <summary>The pair of a number, First &lt; Second.</summary>
    public Pair Pair(long number)
    {
        // The last place whose pairs begin at or before the number: places without pairs share their beginning with the next.
        int low = 0, high = _before.Length - 2;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _before[middle] <= number ? (middle, high) : (low, middle - 1);
        }

        int one = _rows[low], other = _rows[_starts[low] + (int)(number - _before[low])];
        return one < other ? new Pair(one, other) : new Pair(other, one);
    }

    // The rows that are finite with the number of their embedding, equal ones together, in the order in which each first occurs.
    private static IEnumerable<(int Row, int Kind)> Kinds(ReadOnlySpan<int> rows, ReadOnlySpan<UInt128> marks)
    {
        var found = new List<(int Row, int Kind)>(rows.Length);
        var kinds = new Dictionary<UInt128, int>(marks.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            if (marks.IsEmpty)
            {
                found.Add((rows[i], i));
            }
            else if (marks[i] != RowMarks.Broken)
            {
                kinds.TryAdd(marks[i], kinds.Count);
                found.Add((rows[i], kinds[marks[i]]));
            }
        }

        return marks.IsEmpty || kinds.Count == found.Count ? found : found.OrderBy(entry => entry.Kind);
    }
}
