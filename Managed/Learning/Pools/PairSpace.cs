using FisherKernels.Kernels;

namespace FisherKernels.Learning.Pools;

/// <summary>All pairs of some prompts' responses, each with a number, none of them stored.</summary>
/// <remarks>
/// A group of K responses has K(K − 1)/2 pairs, numbered (i, j), i &lt; j, as j(j − 1)/2 + i. In-prompt, a prompt is a group;
/// across prompts, all responses are one.
/// </remarks>
internal sealed class PairSpace
{
    private readonly int[][] _groups;
    private readonly long[] _starts;
    private readonly Dictionary<int, (int Group, int Place)> _places = [];

    /// <param name="responses">The responses of each prompt, ascending; no row in two of them.</param>
    /// <param name="scope">Which of them may be compared.</param>
    public PairSpace(int[][] responses, CandidateScope scope)
    {
        _groups = scope == CandidateScope.InPrompt ? responses : [[.. responses.SelectMany(group => group).Order()]];
        _starts = new long[_groups.Length + 1];
        for (int group = 0; group < _groups.Length; group++)
        {
            int[] rows = _groups[group];
            _starts[group + 1] = _starts[group] + (long)rows.Length * (rows.Length - 1) / 2;
            for (int place = 0; place < rows.Length; place++)
            {
                _places[rows[place]] = (group, place);
            }
        }
    }

    /// <summary>How many pairs.</summary>
    public long Count => _starts[^1];

    /// <summary>The number of a pair in either order, or −1 where it is none of these.</summary>
    public long Number(Pair pair)
    {
        if (!_places.TryGetValue(pair.First, out var first) || !_places.TryGetValue(pair.Second, out var second)
            || first.Group != second.Group || first.Place == second.Place)
        {
            return -1;
        }

        long i = Math.Min(first.Place, second.Place), j = Math.Max(first.Place, second.Place);
        return _starts[first.Group] + j * (j - 1) / 2 + i;
    }

    /// <summary>The pair of a number, First &lt; Second.</summary>
    public Pair Pair(long number)
    {
        // The last group that starts at or before the number; groups without pairs share a start and are passed over.
        int low = 0, high = _groups.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _starts[middle] <= number ? (middle, high) : (low, middle - 1);
        }

        long within = number - _starts[low];
        long j = (long)((1 + Math.Sqrt(1 + 8.0 * within)) / 2);

        // The root is rounded: step to the j with j(j − 1)/2 ≤ within < j(j + 1)/2.
        while (j * (j - 1) / 2 > within)
        {
            j--;
        }

        while (j * (j + 1) / 2 <= within)
        {
            j++;
        }

        int[] rows = _groups[low];
        return new Pair(rows[within - j * (j - 1) / 2], rows[j]);
    }
}
