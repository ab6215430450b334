namespace FisherKernels.Kernels;

/// <summary>Comparisons as a graph: responses are nodes, pairs are edges (MATH.md §2).</summary>
/// <remarks>
/// Besides the pairs it holds, for each response, the numbers of that response's own pairs in ascending order. Sums over
/// a response's pairs are then gathers in a fixed order, on every backend, without atomics. Built once, on the host.
/// </remarks>
public sealed class PairGraph : IDisposable
{
    private readonly Pair[]? _copy;

    internal PairGraph(Backend backend, ReadOnlySpan<Pair> pairs, int responses)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(responses);
        RequireCount(pairs);
        var starts = new int[responses + 1];
        var incident = new int[2 * pairs.Length];
        Sort(pairs, responses, starts, incident);
        Responses = responses;
        Count = pairs.Length;
        Pairs = backend.Upload(pairs, pairs.Length);
        _copy = Pairs.OnHost is null ? pairs.ToArray() : null;
        Starts = backend.Upload<int>(starts, starts.Length);
        Incident = backend.Upload<int>(incident, incident.Length);
    }

    /// <summary>n, the number of pairs.</summary>
    public int Count { get; }

    /// <summary>R, the number of responses the row numbers run over.</summary>
    public int Responses { get; }

    /// <summary>The pairs [n].</summary>
    public DeviceArray<Pair> Pairs { get; }

    /// <summary>The pairs [n] where the host reads them, so that nobody waits for a device to learn what was uploaded.</summary>
    public ReadOnlyMemory<Pair> OnHost => _copy ?? Pairs.OnHost!.Value;

    /// <summary>[R+1]: the pairs of response a are Incident[Starts[a]] … Incident[Starts[a+1] − 1].</summary>
    public DeviceArray<int> Starts { get; }

    /// <summary>[2n]: pair numbers, ascending within a response.</summary>
    public DeviceArray<int> Incident { get; }

    /// <summary>Refuses more pairs than <see cref="Incident"/> can number.</summary>
    internal static void RequireCount(ReadOnlySpan<Pair> pairs)
    {
        if (pairs.Length > int.MaxValue / 2)
        {
            throw new ArgumentException($"pairs has {pairs.Length} entries, at most {int.MaxValue / 2} fit.", nameof(pairs));
        }
    }

    /// <summary>Checks the pairs and sorts their numbers by response.</summary>
    /// <param name="pairs">[n].</param>
    /// <param name="responses">R.</param>
    /// <param name="starts">[R+1], out.</param>
    /// <param name="incident">[2n], out.</param>
    internal static void Sort(ReadOnlySpan<Pair> pairs, int responses, Span<int> starts, Span<int> incident)
    {
        starts.Clear();
        // For each response first how many pairs it has, then where its next pair goes, and in the end where its pairs end.
        Span<int> after = starts.Slice(1, responses);
        for (int i = 0; i < pairs.Length; i++)
        {
            (int a, int b) = (pairs[i].First, pairs[i].Second);
            if ((uint)a >= (uint)after.Length || (uint)b >= (uint)after.Length)
            {
                throw new ArgumentException(
                    $"Pair {i} is ({a}, {b}); rows run from 0 to {responses - 1}.", nameof(pairs));
            }

            if (a == b)
            {
                throw new ArgumentException($"Pair {i} compares response {a} with itself.", nameof(pairs));
            }

            after[a]++;
            after[b]++;
        }

        int before = 0;
        for (int a = 0; a < after.Length; a++)
        {
            (after[a], before) = (before, before + after[a]);
        }

        for (int i = 0; i < pairs.Length; i++)
        {
            Pair pair = pairs[i];
            incident[after[pair.First]++] = i;
            incident[after[pair.Second]++] = i;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pairs.Dispose();
        Starts.Dispose();
        Incident.Dispose();
    }
}
