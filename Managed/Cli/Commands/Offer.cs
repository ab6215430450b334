using System.Runtime.InteropServices;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Cli.Commands;

/// <summary>What a batch is chosen from, and what was left out of it.</summary>
/// <param name="Pairs">The candidates; empty where every pair is one.</param>
/// <param name="Count">How many there are.</param>
internal sealed record Offer(Pair[] Pairs, long Count)
{
    /// <summary>How they were drawn; null where they were not.</summary>
    public DrawnCandidates? Drawn { get; init; }

    /// <summary>Pairs left out because their two responses have the same embedding.</summary>
    public long IdenticalLeftOut { get; init; }

    /// <summary>Responses left out because their embedding is not finite.</summary>
    public int ResponsesLeftOut { get; init; }

    /// <summary>The rows that every pair is taken of; empty where pairs are listed or drawn.</summary>
    public int[] Rows { get; init; } = [];

    /// <summary>A number for each of these rows, equal where the embeddings are.</summary>
    public int[] Kinds { get; init; } = [];

    /// <summary>Pairs of drawn prompts; those that must be in besides.</summary>
    public static Offer OfDrawn(EmbeddingPool pool, CandidateOptions options, int least, PairsGiven given, int seed, int? perPrompt)
    {
        Pair[] must = given.Fresh(given.Must);
        DrawnCandidates drawn = Candidates.DrawAtLeast(
            Math.Max(least - must.Length, 1), pool, options, given.LeftOut(must), given.Stream(seed, PairsGiven.DrawStream), perPrompt);
        Pair[] all = [.. must, .. drawn.Pairs];
        return new Offer(all, all.Length)
        {
            Drawn = drawn,
            IdenticalLeftOut = drawn.IdenticalLeftOut,
            ResponsesLeftOut = drawn.ResponsesLeftOut,
        };
    }

    /// <summary>Listed pairs; those that must be in besides.</summary>
    public static Offer OfListed(EmbeddingPool pool, string path, PairsGiven given)
    {
        Pair[] listed = InputFiles.Pairs(path, pool.Responses);
        UInt128[] marks = MarksOf(pool, path, listed);
        Pair[] different = [.. listed.Where((_, i) => marks[2 * i] != marks[2 * i + 1])];
        Pair[] fresh = given.Fresh([.. given.Must, .. different]);
        return new Offer(fresh, fresh.Length) { IdenticalLeftOut = listed.Length - different.Length };
    }

    /// <summary>Every pair of all responses with a finite embedding.</summary>
    /// <exception cref="InputException">More than can be taken at once.</exception>
    public static Offer OfEveryPair(EmbeddingPool pool, Pair[] labelled, SeededRandom random)
    {
        if (pool.Responses > Backend.MostResponsesOfAllPairs)
        {
            throw new InputException(
                $"--every-pair takes at most {Backend.MostResponsesOfAllPairs} responses, the embeddings have {pool.Responses}; leave it out, and candidates are drawn.");
        }

        int[] all = [.. Enumerable.Range(0, pool.Responses)];
        UInt128[] marks = pool.Marks(all);
        int[] rows = [.. all.Where(row => marks[row] != RowMarks.Broken)];

        // Equal scores go to the pair that stands first here: the seed says which.
        random.Shuffle<int>(rows);
        var numbers = new Dictionary<UInt128, int>();
        int[] kinds = [.. rows.Select(row => numbers.TryGetValue(marks[row], out int kind) ? kind : numbers[marks[row]] = numbers.Count)];
        long identical = kinds.CountBy(kind => kind).Sum(kind => kind.Value * (kind.Value - 1L) / 2);
        long known = labelled.Where(pair => marks[pair.First] != marks[pair.Second]).Select(pair => pair.Ascending()).Distinct().LongCount();
        return new Offer([], rows.Length * (rows.Length - 1L) / 2 - identical - known)
        {
            IdenticalLeftOut = identical,
            ResponsesLeftOut = all.Length - rows.Length,
            Rows = rows,
            Kinds = kinds,
        };
    }

    /// <summary>Marks of both responses of each pair, all of which have to be finite.</summary>
    /// <exception cref="InputException">An embedding is not finite; names the file and the pair.</exception>
    public static UInt128[] MarksOf(EmbeddingPool pool, string path, Pair[] pairs)
    {
        int[] rows = MemoryMarshal.Cast<Pair, int>(pairs).ToArray();
        UInt128[] marks = pool.Marks(rows);
        int broken = Array.IndexOf(marks, RowMarks.Broken);
        return broken < 0
            ? marks
            : throw new InputException(
                $"{path}: pair {broken / 2} is ({pairs[broken / 2].First}, {pairs[broken / 2].Second}), but the embedding of row {rows[broken]} ({pool.Place(rows[broken])}) is not finite. Leave the pair out, or embed the response again.");
    }
}
