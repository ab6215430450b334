using FisherKernels.Kernels;
using FisherKernels.Learning;

namespace FisherKernels.Cli.Commands;

/// <summary>Pairs that were named: labelled, excluded, or wanted in any case.</summary>
/// <param name="Labelled">As they were given, repeats included.</param>
/// <param name="Excluded">Not to be asked, First &lt; Second.</param>
/// <param name="Required">To be asked in any case.</param>
internal sealed record PairsGiven(Pair[] Labelled, HashSet<Pair> Excluded, IReadOnlyList<Pair> Required)
{
    /// <summary>What a stream is for.</summary>
    public const int DrawStream = 0, ChoiceStream = 1;

    /// <summary>Random numbers that depend on the seed and on which pairs are labelled, not on the order in which they are listed:
    /// each round of a loop has its own.</summary>
    public SeededRandom Stream(int seed, int purpose)
    {
        ulong digest = 0;
        foreach (Pair pair in Labelled.Select(pair => pair.Ascending()).Distinct())
        {
            digest += new SeededRandom(pair.First, pair.Second).NextBits();
        }

        return new SeededRandom(seed, purpose, (int)(digest >> 32), (int)digest);
    }

    /// <summary>Those that may be asked, in the given order. A pair and its turned one are the same question, and nobody is asked
    /// it twice.</summary>
    public Pair[] Fresh(IReadOnlyList<Pair> given)
    {
        HashSet<Pair> seen = [.. Labelled.Select(pair => pair.Ascending()), .. Excluded];
        return [.. given.Where(pair => seen.Add(pair.Ascending()))];
    }

    /// <summary>What is not to be drawn.</summary>
    public HashSet<Pair> LeftOut(Pair[] taken) => [.. Labelled, .. Excluded, .. taken];
}
