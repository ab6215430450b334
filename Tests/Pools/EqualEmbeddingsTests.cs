using CsCheck;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Pools;
using NUnit.Framework;

namespace FisherKernels.Tests.Pools;

/// <summary>Pairs of equal embeddings are no candidates, nor are responses whose embedding is not finite; all other pairs are.</summary>
public class EqualEmbeddingsTests
{
    // Rows of few different contents in a few prompts; 0 stands for an embedding that is not finite.
    private static readonly Gen<(int[] Contents, long[] Prompts, CandidateScope Scope)> Pools = Gen.Select(
        Gen.Select(Gen.Int[0, 4], Gen.Long[0, 3]).Array[0, 20], Gen.Enum<CandidateScope>(),
        (rows, scope) => (rows.Select(row => row.Item1).ToArray(), rows.Select(row => row.Item2).ToArray(), scope));

    [Test]
    public void All_pairs_of_different_finite_embeddings_are_candidates_and_no_others() => Pools.Sample(of =>
    {
        using EmbeddingPool pool = Pool(of.Contents, of.Prompts);
        DrawnCandidates drawn = DrawnCandidates.Draw(pool, new() { Scope = of.Scope }, new HashSet<Pair>(), new SeededRandom(1), least: 1);
        Pair[] all = [.. All(of.Prompts, of.Scope).Where(pair => of.Contents[pair.First] != 0 && of.Contents[pair.Second] != 0)];
        Pair[] different = [.. all.Where(pair => of.Contents[pair.First] != of.Contents[pair.Second])];
        return drawn.Pairs.SequenceEqual(different)
            && drawn.Unlabelled == different.Length
            && drawn.IdenticalLeftOut == all.Length - different.Length
            && drawn.ResponsesLeftOut == of.Contents.Count(content => content == 0);
    }, iter: 500, threads: 1);

    [Test]
    public void A_number_and_its_pair_are_each_other_s() => Pools.Sample(of =>
    {
        using EmbeddingPool pool = Pool(of.Contents, of.Prompts);
        int[][] groups = [.. Enumerable.Range(0, pool.Prompts).Select(prompt => pool.ResponsesOf(prompt).ToArray())];
        var space = new PairSpace(groups, of.Scope, pool.Marks);
        Pair[] pairs = [.. Enumerable.Range(0, (int)space.Count).Select(number => space.Pair(number))];
        return pairs.Distinct().Count() == pairs.Length
            && pairs.Index().All(
                entry => space.Number(entry.Item) == entry.Index && space.Number(new(entry.Item.Second, entry.Item.First)) == entry.Index)
            && All(of.Prompts, CandidateScope.CrossPrompt).Count(pair => space.Number(pair) >= 0) == pairs.Length;
    }, iter: 500, threads: 1);

    [Test]
    public void Minus_zero_is_zero_and_the_last_number_counts()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray([0, 1, -0f, 1, 0, 1.0000001f], 2);
        UInt128[] marks = pool.Marks([0, 1, 2]);
        Assert.That(marks[1], Is.EqualTo(marks[0]));
        Assert.That(marks[2], Is.Not.EqualTo(marks[0]));
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    public void What_is_not_finite_is_known_for_it_and_can_still_not_be_read(float broken)
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray([1, 2, broken, 4], 2);
        Assert.That(pool.Marks([1, 0, 1]).Select(mark => mark == RowMarks.Broken), Is.EqualTo(new[] { true, false, true }));
        Assert.That(() =>
            pool.Read([1], new float[2]), Throws.TypeOf<InputException>().With.Message.Contains("row 1 (prompt 0, response 1), column 0"));
    }

    [Test]
    public void A_pool_of_many_equal_responses_lists_no_pairs_of_them()
    {
        // 200,000 rows of one content have 2·10^10 pairs, none of which is a candidate; the one other row has 200,000.
        const int same = 200_000;
        float[] psi = [.. Enumerable.Repeat(1f, same), 2f];
        using EmbeddingPool pool = EmbeddingPool.FromArray(psi, 1);
        DrawnCandidates drawn = DrawnCandidates.Draw(pool, new(), new HashSet<Pair>(), new SeededRandom(1), least: 1);
        Assert.That((drawn.Unlabelled, drawn.IdenticalLeftOut), Is.EqualTo((same, same * (same - 1L) / 2)));
        Assert.That(drawn.Pairs, Has.Length.EqualTo(20_000).And.All.Matches<Pair>(pair => pair.Second == same));
    }

    [Test]
    public void Prompts_keep_the_numbers_that_were_given_for_them()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray([1, 2, 3, 4], 1, [905, -17, 905, 1L << 60]);
        Assert.That(Enumerable.Range(0, 4).Select(pool.PromptIdOf), Is.EqualTo(new[] { 905, -17, 905, 1L << 60 }));
        Assert.That(Enumerable.Range(0, 4).Select(pool.PromptOf), Is.EqualTo(new[] { 0, 1, 0, 2 }));
        using EmbeddingPool one = EmbeddingPool.FromArray([1, 2], 1);
        Assert.That((one.PromptIdOf(1), one.Prompts), Is.EqualTo((0L, 1)));
    }

    private static EmbeddingPool Pool(int[] contents, long[] prompts) => EmbeddingPool.FromArray(
        [.. contents.SelectMany(content => new[] { 1, content == 0 ? float.NaN : content })], 2, prompts);

    private static IEnumerable<Pair> All(long[] prompts, CandidateScope scope) =>
        from first in Enumerable.Range(0, prompts.Length)
        from second in Enumerable.Range(first + 1, prompts.Length - first - 1)
        where scope == CandidateScope.CrossPrompt || prompts[first] == prompts[second]
        select new Pair(first, second);
}
