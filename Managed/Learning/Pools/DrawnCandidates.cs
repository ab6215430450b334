using FisherKernels.Kernels;

namespace FisherKernels.Learning.Pools;

/// <summary>The candidate pairs of a round, and what they were drawn from.</summary>
/// <param name="Pairs">Distinct pairs of rows with First &lt; Second, ascending.</param>
/// <param name="Unlabelled">Pairs of different responses of the drawn prompts that were not left out as labelled;
/// <paramref name="Pairs"/> are some or all of them.</param>
/// <param name="Prompts">Prompts drawn.</param>
/// <param name="IdenticalLeftOut">Pairs of the drawn prompts whose two responses have the same embedding; they are no candidates.</param>
/// <param name="ResponsesLeftOut">Responses of the drawn prompts whose embedding is not finite; they are in no candidate.</param>
public sealed record DrawnCandidates(Pair[] Pairs, long Unlabelled, int Prompts, long IdenticalLeftOut, int ResponsesLeftOut)
{
    /// <summary>A uniformly random subset, of a fixed size, of the unlabelled pairs of drawn prompts; none of the others is ever
    /// made.</summary>
    /// <remarks>
    /// Pairs of responses with the same embedding are no candidates, nor is a response whose embedding is not finite.
    /// The pairs are counted, not listed: a number stands for each (<see cref="PairSpace"/>), the numbers of labelled pairs
    /// are left out by shifting over them, and distinct numbers are drawn by Floyd's method (Bentley and Floyd 1987).
    /// </remarks>
    /// <param name="pool">Responses.</param>
    /// <param name="options">How many, of what.</param>
    /// <param name="labelled">Pairs left out, in either order.</param>
    /// <param name="random">Of the prompts and the pairs.</param>
    /// <param name="least">Pairs wanted at least: more prompts than the options ask for are drawn where those hold too few; where there
    /// are fewer all the same, all prompts were drawn.</param>
    /// <param name="perPrompt">Pairs of a prompt that count towards <paramref name="least"/> at most; null for all. Only within
    /// prompts.</param>
    /// <returns>Fewer pairs than asked for only where the drawn prompts have no more.</returns>
    public static DrawnCandidates Draw(
        EmbeddingPool pool, CandidateOptions options, IReadOnlySet<Pair> labelled, SeededRandom random, int least = 0,
        int? perPrompt = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(labelled);
        ArgumentNullException.ThrowIfNull(random);
        int[] prompts = [.. Enumerable.Range(0, pool.Prompts)];
        random.Shuffle<int>(prompts);
        var groups = new SortedDictionary<int, int[]>();
        for (int next = Math.Min(options.Prompts, prompts.Length); ; next = (int)Math.Min(2L * next, prompts.Length))
        {
            foreach (int prompt in prompts[groups.Count..next].Order())
            {
                groups.Add(prompt, Some(pool.ResponsesOf(prompt), options.ResponsesPerPrompt, random));
            }

            var space = new PairSpace([.. groups.Values], options.Scope, pool.Marks);
            long[] taken = [.. labelled.Select(space.Number).Where(number => number >= 0).Distinct().Order()];
            long free = space.Count - taken.Length;
            if (free < least && groups.Count < prompts.Length)
            {
                continue;
            }

            Pair[] pairs =
            [
                .. Distinct(free, (int)Math.Min(options.Pairs, free), random).Select(rank => space.Pair(Skip(taken, rank)))
                    .OrderBy(pair => pair.First).ThenBy(pair => pair.Second),
            ];
            if (groups.Count == prompts.Length || options.Scope == CandidateScope.CrossPrompt || Usable(pool, pairs, perPrompt) >= least)
            {
                return new DrawnCandidates(pairs, free, groups.Count, space.Identical, space.Broken);
            }
        }
    }

    private static long Usable(EmbeddingPool pool, Pair[] pairs, int? perPrompt) => perPrompt is { } most
        ? pairs.CountBy(pair => pool.PromptOf(pair.First)).Sum(prompt => Math.Min(prompt.Value, most))
        : long.MaxValue;

    private static int[] Some(ReadOnlySpan<int> responses, int? count, SeededRandom random)
    {
        int[] drawn = responses.ToArray();
        if (count < drawn.Length)
        {
            random.Shuffle<int>(drawn);
            drawn = drawn[..count.Value];
            Array.Sort(drawn);
        }

        return drawn;
    }

    // Floyd's method: as many distinct numbers below a bound as asked for, all subsets alike.
    private static HashSet<long> Distinct(long below, int count, SeededRandom random)
    {
        var drawn = new HashSet<long>(count);
        for (long last = below - count; last < below; last++)
        {
            long number = random.NextBelow(last + 1);
            if (!drawn.Add(number))
            {
                drawn.Add(last);
            }
        }

        return drawn;
    }

    // The rank-th number that is not taken: rank + j, where j of the ascending taken numbers lie at or below it.
    private static long Skip(long[] taken, long rank)
    {
        int low = 0, high = taken.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (taken[middle] - middle <= rank)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return rank + low;
    }
}
