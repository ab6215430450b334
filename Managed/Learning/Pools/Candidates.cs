using FisherKernels.Kernels;

namespace FisherKernels.Learning.Pools;

/// <summary>Draws the candidate pairs of a round.</summary>
public static class Candidates
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
    /// <returns>Distinct pairs of rows with First &lt; Second, ascending; fewer than asked for only where the drawn prompts have no
    /// more.</returns>
    public static Pair[] Draw(EmbeddingPool pool, CandidateOptions options, IReadOnlySet<Pair> labelled, SeededRandom random) =>
        DrawAtLeast(0, pool, options, labelled, random).Pairs;

    /// <summary>The same, with more prompts than the options ask for where those hold too few pairs.</summary>
    /// <param name="least">Pairs wanted at least; where there are fewer, all prompts were drawn.</param>
    /// <param name="pool">Responses.</param>
    /// <param name="options">How many, of what.</param>
    /// <param name="labelled">Pairs left out, in either order.</param>
    /// <param name="random">Of the prompts and the pairs.</param>
    /// <param name="perPrompt">Pairs of a prompt that count at most; null for all. Only within prompts.</param>
    public static DrawnCandidates DrawAtLeast(
        int least, EmbeddingPool pool, CandidateOptions options, IReadOnlySet<Pair> labelled, SeededRandom random, int? perPrompt = null)
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
