using System.Runtime.InteropServices;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Cli.Commands;

/// <summary>What a batch is chosen from, and what was left out of it.</summary>
/// <param name="Candidates">The candidates.</param>
internal sealed record Offer(PoolCandidates Candidates)
{
    /// <summary>How many there are.</summary>
    public long Count => Candidates.Count;

    /// <summary>How they were drawn; null where they were not.</summary>
    public DrawnCandidates? Drawn { get; init; }

    /// <summary>Pairs left out because their two responses have the same embedding.</summary>
    public long IdenticalLeftOut { get; init; }

    /// <summary>Responses left out because their embedding is not finite.</summary>
    public int ResponsesLeftOut { get; init; }

    /// <summary>Pairs of drawn prompts; those that must be in besides.</summary>
    public static Offer OfDrawn(EmbeddingPool pool, CandidateOptions options, int least, PairsGiven given, int seed, int? perPrompt)
    {
        Pair[] required = given.Fresh(given.Required);
        DrawnCandidates drawn = DrawnCandidates.Draw(
            pool, options, given.LeftOut(required), given.Stream(seed, PairsGiven.DrawStream), Math.Max(least - required.Length, 1),
            perPrompt);
        return new Offer(PoolCandidates.List([.. required, .. drawn.Pairs]))
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
        Pair[] fresh = given.Fresh([.. given.Required, .. different]);
        return new Offer(PoolCandidates.List(fresh)) { IdenticalLeftOut = listed.Length - different.Length };
    }

    /// <summary>Every pair of all responses with a finite embedding.</summary>
    /// <exception cref="InputException">More than can be taken at once.</exception>
    public static Offer OfEveryPair(EmbeddingPool pool, Pair[] labelled, SeededRandom random)
    {
        if (pool.Responses > Backend.MostResponsesOfAllPairs)
        {
            throw new InputException(
                $"--every-pair takes at most {Backend.MostResponsesOfAllPairs} responses, the embeddings have {pool.Responses}; "
                + "leave it out, and candidates are drawn.");
        }

        PoolCandidates every = PoolCandidates.Every(pool, labelled, random);
        return new Offer(every) { IdenticalLeftOut = every.IdenticalLeftOut, ResponsesLeftOut = every.ResponsesLeftOut };
    }

    /// <summary>Marks of both responses of each pair, all of which have to be finite.</summary>
    /// <exception cref="InputException">An embedding is not finite; names the file and the pair.</exception>
    public static UInt128[] MarksOf(EmbeddingPool pool, string path, Pair[] pairs)
    {
        int[] rows = MemoryMarshal.Cast<Pair, int>(pairs).ToArray();
        UInt128[] marks = pool.Marks(rows);
        int broken = Array.IndexOf(marks, EmbeddingPool.NotFiniteMark);
        return broken < 0
            ? marks
            : throw new InputException(
                $"{path}: pair {broken / 2} is ({pairs[broken / 2].First}, {pairs[broken / 2].Second}), but the embedding of row "
                    + $"{rows[broken]} ({pool.Place(rows[broken])}) is not finite. Leave the pair out, or embed the response again.");
    }
}
