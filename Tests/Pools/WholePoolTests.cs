using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Pools;
using NUnit.Framework;

namespace FisherKernels.Tests.Pools;

/// <summary>The loop sees the whole pool: where the drawn prompts hold too little, more are drawn.</summary>
public class WholePoolTests
{
    private const int Prompts = 40, PerPrompt = 4, All = Prompts * PerPrompt * (PerPrompt - 1) / 2;

    [Test]
    public void More_prompts_are_drawn_only_where_those_drawn_hold_too_few_pairs([Values] CandidateScope scope)
    {
        using EmbeddingPool pool = Pool();
        DrawnCandidates Drawn(int least) => DrawnCandidates.Draw(
            pool, new() { Prompts = 5, Scope = scope }, new HashSet<Pair>(), new SeededRandom(3), least: least);

        int five = scope == CandidateScope.InPrompt ? 5 * 6 : 20 * 19 / 2;
        Assert.That((Drawn(five).Prompts, Drawn(five).Pairs.Length), Is.EqualTo((5, five)));
        Assert.That(Drawn(five + 1).Prompts, Is.GreaterThan(5));
        Assert.That(Drawn(five + 1).Pairs, Is.SupersetOf(Drawn(1).Pairs), "those of the first prompts are among them");
        DrawnCandidates everything = Drawn(int.MaxValue);
        Assert.That(everything.Prompts, Is.EqualTo(Prompts));
        Assert.That(everything.Pairs, Has.Length.EqualTo(scope == CandidateScope.InPrompt ? All : 160 * 159 / 2));
    }

    [Test]
    public void Where_no_more_are_needed_the_draw_is_that_of_the_options_alone()
    {
        using EmbeddingPool pool = Pool();
        CandidateOptions options = new() { Prompts = 5, Pairs = 12, ResponsesPerPrompt = 3 };
        Pair[] drawn = DrawnCandidates.Draw(pool, options, new HashSet<Pair>(), new SeededRandom(3)).Pairs;
        Assert.That(DrawnCandidates.Draw(pool, options, new HashSet<Pair>(), new SeededRandom(3), least: 12).Pairs, Is.EqualTo(drawn));
    }

    [Test]
    public void Prompts_of_which_few_pairs_may_be_asked_are_drawn_until_those_are_enough()
    {
        using EmbeddingPool pool = Pool();
        int Drawn(int least, int? perPrompt) => DrawnCandidates.Draw(
            pool, new() { Prompts = 5 }, new HashSet<Pair>(), new SeededRandom(3), least, perPrompt).Prompts;
        Assert.That((Drawn(30, null), Drawn(10, 2), Drawn(11, 2), Drawn(40, 1), Drawn(41, 1)), Is.EqualTo((5, 5, 10, 40, 40)));
    }

    [Test]
    public void A_learner_reaches_every_pair_through_a_few_prompts_a_round()
    {
        using var on = Backend.Open(BackendKind.Cpu, threads: 1);
        using EmbeddingPool pool = Pool();
        var learner = new ActiveLearner(on, pool, new SelectionOptions
        {
            BatchSize = 25,
            Seed = 2,
            Candidates = new CandidateOptions { Prompts = 5 },
            Training = new() { Standardise = false },
        });
        var asked = new HashSet<Pair>();
        while (asked.Count < All)
        {
            Batch ask = learner.Query();
            Assert.That(ask.Pairs, Has.Length.EqualTo(Math.Min(25, All - asked.Count)));
            Assert.That(ask.Pairs.All(asked.Add), Is.True, "new ones");
            Assert.That(ask.Drawn!.Unlabelled, Is.GreaterThanOrEqualTo(ask.Pairs.Length));
            learner.Remember([.. ask.Pairs.Select(pair => new Comparison(pair, 1))], null);
        }

        Assert.That(() => learner.Query(), Throws.TypeOf<InputException>().With.Message.Contains("There are no candidates"));
    }

    [Test]
    public void A_batch_larger_than_its_candidates_is_refused()
    {
        using var on = Backend.Open(BackendKind.Cpu, threads: 1);
        using EmbeddingPool pool = Pool();
        var options = new SelectionOptions { BatchSize = 25, Candidates = new() { Pairs = 24 } };
        Assert.That(() => new ActiveLearner(on, pool, options),
            Throws.ArgumentException.With.Message.StartsWith("BatchSize is 25 and Candidates.Pairs 24"));
    }

    private static EmbeddingPool Pool() => EmbeddingPool.FromArray(
        [.. Enumerable.Range(0, Prompts * PerPrompt).Select(row => (float)row)], 1,
        [.. Enumerable.Range(0, Prompts * PerPrompt).Select(row => (long)row / PerPrompt)]);
}
