namespace FisherKernels.Kernels.Cpu;

/// <summary>The k largest of n scores in order: digit by digit from the highest down, what cannot be among them is left behind.</summary>
/// <remarks>O(n + k log k), at worst six passes over all n (all scores equal); scratch is kept from call to call.</remarks>
internal sealed class TopSelection
{
    private const int DigitBits = 11;

    private readonly int[] _counts = new int[1 << DigitBits];
    private ulong[] _keys = [];

    /// <summary>Numbers of the best scores, best first (<see cref="TopKey"/>).</summary>
    /// <param name="score">[n].</param>
    /// <param name="best">[k], out, 0 &lt; k ≤ n.</param>
    public void Run(ReadOnlySpan<float> score, Span<int> best)
    {
        Span<ulong> keys = Scratch.Of(ref _keys, score.Length);

        // Complemented, so that the plain ascending sort puts the best first.
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = ~TopKey.Create(score[i], i);
        }

        int settled = 0, undecided = keys.Length, enough = best.Length + best.Length / 8 + 16;
        for (int shift = 64 - DigitBits; settled + undecided > enough && shift > 0; shift -= DigitBits)
        {
            (settled, undecided) = Narrow(keys, settled, undecided, shift, best.Length);
        }

        keys = keys[..(settled + undecided)];
        keys.Sort();
        for (int j = 0; j < best.Length; j++)
        {
            best[j] = TopKey.Index(~keys[j]);
        }
    }

    // Of the undecided keys, all alike in their higher digits: those with a lower digit than the k-th best has are settled,
    // those with the same stay undecided.
    private (int Settled, int Undecided) Narrow(Span<ulong> keys, int settled, int undecided, int shift, int k)
    {
        const int mask = (1 << DigitBits) - 1;
        Span<int> counts = _counts;
        counts.Clear();
        Span<ulong> among = keys.Slice(settled, undecided);
        foreach (ulong key in among)
        {
            counts[(int)(key >> shift) & mask]++;
        }

        int last = 0;
        for (int better = settled; better + counts[last] < k; last++)
        {
            better += counts[last];
        }

        int front = 0, kept = 0;
        foreach (ulong key in among)
        {
            int digit = (int)(key >> shift) & mask;
            if (digit <= last)
            {
                among[kept++] = key;
                if (digit < last)
                {
                    (among[front], among[kept - 1]) = (key, among[front]);
                    front++;
                }
            }
        }

        return (settled + front, kept - front);
    }
}
