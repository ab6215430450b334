using CsCheck;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Pools;
using NUnit.Framework;

namespace FisherKernels.Tests.Pools;

/// <summary>Candidates are distinct, unlabelled, of the drawn prompts, and every set of them is as likely as any other.</summary>
public class CandidatesTests
{
    // Prompts of 0 to 7 responses, scattered over the rows.
    private static readonly Gen<(long[] Prompts, Pair[] Labelled, int Seed, CandidateScope Scope)> Pools = Gen.Select(
        Gen.Long[0, 6].Array[0, 25], Gen.Select(Gen.Int[0, 25], Gen.Int[0, 25], (a, b) => new Pair(a, b)).Array[0, 30], Gen.Int,
        Gen.Enum<CandidateScope>());

    [Test]
    public void All_pairs_where_as_many_are_asked_for() => Pools.Sample((prompts, labelled, seed, scope) =>
    {
        using EmbeddingPool pool = Pool(prompts);
        Pair[] drawn = DrawnCandidates.Draw(pool, new() { Scope = scope }, labelled.ToHashSet(), new SeededRandom(seed)).Pairs;
        return drawn.SequenceEqual(All(prompts, scope).Except(Both(labelled)));
    }, iter: 500, threads: 1);

    [Test]
    public void As_many_as_asked_for_distinct_ascending_and_unlabelled() => Gen.Select(Pools, Gen.Int[1, 40]).Sample((of, count) =>
    {
        using EmbeddingPool pool = Pool(of.Prompts);
        Pair[] drawn = DrawnCandidates.Draw(
            pool, new() { Scope = of.Scope, Pairs = count }, of.Labelled.ToHashSet(), new SeededRandom(of.Seed)).Pairs;
        Pair[] all = [.. All(of.Prompts, of.Scope).Except(Both(of.Labelled))];
        return drawn.Length == Math.Min(count, all.Length)
            && drawn.All(all.Contains)
            && drawn.SequenceEqual(drawn.Distinct().OrderBy(pair => pair.First).ThenBy(pair => pair.Second));
    }, iter: 500, threads: 1);

    [Test]
    public void Only_of_the_drawn_prompts([Values] CandidateScope scope)
    {
        long[] prompts = [.. Enumerable.Range(0, 60).Select(row => (long)row / 3)];
        using EmbeddingPool pool = Pool(prompts);
        Pair[] drawn = DrawnCandidates.Draw(pool, new() { Scope = scope, Prompts = 4 }, new HashSet<Pair>(), new SeededRandom(3)).Pairs;
        int[] drawnPrompts = [.. drawn.SelectMany(pair => new[] { pool.PromptOf(pair.First), pool.PromptOf(pair.Second) }).Distinct()];
        Assert.That(drawnPrompts, Has.Length.EqualTo(4));
        Assert.That(drawn, Has.Length.EqualTo(scope == CandidateScope.InPrompt ? 4 * 3 : 12 * 11 / 2));
    }

    [Test]
    public void Only_as_many_responses_of_a_prompt_as_asked_for([Values] CandidateScope scope)
    {
        long[] prompts = [.. Enumerable.Range(0, 60).Select(row => (long)row % 6), 6, 6, 7];
        using EmbeddingPool pool = Pool(prompts);
        Pair[] drawn = DrawnCandidates.Draw(
            pool, new() { Scope = scope, ResponsesPerPrompt = 3 }, new HashSet<Pair>(), new SeededRandom(3)).Pairs;

        // Six prompts of 10 give 3 responses each, one of 2 both, and one of 1 its own.
        Assert.That(drawn, Has.Length.EqualTo(scope == CandidateScope.InPrompt ? 6 * 3 + 1 : 21 * 20 / 2));
        ILookup<int, int> rows = drawn.SelectMany(pair => new[] { pair.First, pair.Second }).Distinct().ToLookup(pool.PromptOf);
        Assert.That(rows.Select(responses => responses.Count()), Is.All.LessThanOrEqualTo(3));
    }

    [TestCase(0)]
    [TestCase(1)]
    public void Fewer_than_two_responses_have_no_pairs(int responses)
    {
        using EmbeddingPool pool = Pool(new long[responses]);
        foreach (CandidateScope scope in Enum.GetValues<CandidateScope>())
        {
            Assert.That(DrawnCandidates.Draw(pool, new() { Scope = scope }, new HashSet<Pair>(), new SeededRandom(1)).Pairs, Is.Empty);
        }
    }

    [Test]
    public void Every_pair_is_as_likely_as_any_other([Values] CandidateScope scope)
    {
        // 4 of the 10 (across prompts, 34) pairs that are left, 20,000 times; labelled in either order.
        long[] prompts = [0, 1, 0, 1, 0, 1, 0, 1, 2];
        Pair[] labelled = [new(2, 0), new(1, 3)];
        Pair[] all = [.. All(prompts, scope).Except(Both(labelled))];
        var counts = all.ToDictionary(pair => pair, _ => 0);
        using EmbeddingPool pool = Pool(prompts);
        const int draws = 20_000, each = 4;
        for (int draw = 0; draw < draws; draw++)
        {
            foreach (Pair pair in DrawnCandidates.Draw(
                pool, new() { Scope = scope, Pairs = each }, labelled.ToHashSet(), new SeededRandom(7, draw)).Pairs)
            {
                counts[pair]++;
            }
        }

        // Pearson's χ² of draws without replacement, scaled to n − 1 degrees of freedom; its mean is n − 1, its deviation √(2(n − 1)).
        double n = all.Length, expected = draws * each / n;
        double chi2 = counts.Values.Sum(count => (count - expected) * (count - expected) / expected) * (n - 1) / (n - each);
        Assert.That(chi2, Is.LessThan(n - 1 + 5 * Math.Sqrt(2 * (n - 1))));
    }

    [Test]
    public void Every_set_of_pairs_is_as_likely_as_any_other()
    {
        // Two of the six pairs of four responses: fifteen sets.
        using EmbeddingPool pool = Pool(new long[4]);
        var counts = new Dictionary<(Pair, Pair), int>();
        const int draws = 15_000;
        for (int draw = 0; draw < draws; draw++)
        {
            Pair[] drawn = DrawnCandidates.Draw(pool, new() { Pairs = 2 }, new HashSet<Pair>(), new SeededRandom(8, draw)).Pairs;
            counts[(drawn[0], drawn[1])] = counts.GetValueOrDefault((drawn[0], drawn[1])) + 1;
        }

        double expected = draws / 15.0;
        Assert.That(counts, Has.Count.EqualTo(15));
        Assert.That(counts.Values.Sum(count => (count - expected) * (count - expected) / expected), Is.LessThan(14 + 5 * Math.Sqrt(28)));
    }

    [Test]
    public void A_million_million_pairs_are_counted_and_not_listed()
    {
        // 1,414,215 responses have 10^12 pairs; the first and the last of all are labelled.
        const int responses = 1_414_215;
        using EmbeddingPool pool = EmbeddingPool.FromArray([.. Enumerable.Range(0, responses).Select(row => (float)row)], 1);
        HashSet<Pair> labelled = [new(0, 1), new(responses - 1, responses - 2)];
        Pair[] drawn = DrawnCandidates.Draw(pool, new() { Scope = CandidateScope.CrossPrompt }, labelled, new SeededRandom(5)).Pairs;
        Assert.That(drawn, Has.Length.EqualTo(20_000));
        Assert.That(drawn, Is.Unique);
        Assert.That(drawn.All(pair => pair.First >= 0 && pair.First < pair.Second && pair.Second < responses), Is.True);

        // Of two uniform rows the larger lies, on average, at two thirds.
        Assert.That(drawn.Average(pair => (double)pair.Second / responses), Is.EqualTo(2.0 / 3).Within(0.01));
    }

    [Test]
    public void A_number_and_its_pair_are_each_other_s()
    {
        const int responses = 1_414_215;
        var space = new PairSpace([[.. Enumerable.Range(0, responses)]], CandidateScope.InPrompt);
        Assert.That(space.Count, Is.EqualTo((long)responses * (responses - 1) / 2));
        Gen.Long[0, space.Count - 1].Sample(number => space.Number(space.Pair(number)) == number, threads: 1);
        Assert.That(space.Pair(0), Is.EqualTo(new Pair(0, 1)));
        Assert.That(space.Pair(space.Count - 1), Is.EqualTo(new Pair(responses - 2, responses - 1)));
        Assert.That(space.Number(new Pair(4, 4)), Is.EqualTo(-1));
        Assert.That(space.Number(new Pair(4, responses)), Is.EqualTo(-1));
    }

    [Test]
    public void One_seed_draws_the_same_twice_and_another_draws_others()
    {
        using EmbeddingPool pool = Pool(new long[100]);
        Pair[][] drawn =
            [.. new[] { 1, 1, 2 }.Select(
                seed => DrawnCandidates.Draw(pool, new() { Pairs = 50 }, new HashSet<Pair>(), new SeededRandom(seed)).Pairs)];
        Assert.That(drawn[1], Is.EqualTo(drawn[0]));
        Assert.That(drawn[2], Is.Not.EqualTo(drawn[0]));
    }

    [Test]
    public void Options_refuse_nonsense()
    {
        Assert.That(() => new CandidateOptions { Prompts = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CandidateOptions { Pairs = -1 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CandidateOptions { ResponsesPerPrompt = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(new CandidateOptions { ResponsesPerPrompt = null }, Is.EqualTo(new CandidateOptions()));
    }

    private static EmbeddingPool Pool(long[] prompts) => EmbeddingPool.FromArray([.. prompts.Select((_, row) => (float)row)], 1, prompts);

    private static IEnumerable<Pair> All(long[] prompts, CandidateScope scope) =>
        from first in Enumerable.Range(0, prompts.Length)
        from second in Enumerable.Range(first + 1, prompts.Length - first - 1)
        where scope == CandidateScope.CrossPrompt || prompts[first] == prompts[second]
        select new Pair(first, second);

    private static IEnumerable<Pair> Both(Pair[] pairs) => pairs.Concat(pairs.Select(pair => new Pair(pair.Second, pair.First)));
}
