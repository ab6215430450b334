using FisherKernels.Experiments.Loop;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>The loop: what is asked, what is learned, and what a failure leaves.</summary>
public class ActiveLearnerTests
{
    private const int Prompts = 8, PerPrompt = 5, Width = 6;

    private static readonly float[] Psi =
        [.. Enumerable.Range(0, Prompts * PerPrompt * Width).Select(j => MathF.Sin(j * j + 1))];

    private static readonly double[] Golden =
        [.. Enumerable.Range(0, Prompts * PerPrompt).Select(row => (double)(3 * Psi[row * Width] - Psi[row * Width + 1]))];

    private static readonly EmbeddingPool Pool = EmbeddingPool.FromArray(
        Psi, Width, [.. Enumerable.Range(0, Prompts * PerPrompt).Select(row => (long)(row / PerPrompt))]);

    [OneTimeTearDown]
    public void Close() => Pool.Dispose();

    [Test]
    public async Task No_pair_is_asked_twice_until_all_are_known()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        var learner = new ActiveLearner(on, Pool, Options("dopt"));
        var annotator = new GoldenAnnotator(Golden, seed: 1);
        var asked = new HashSet<Pair>();
        int all = Prompts * PerPrompt * (PerPrompt - 1) / 2;
        while (asked.Count < all)
        {
            Batch ask = learner.Query();
            Assert.That(ask.Pairs.All(pair => asked.Add(pair) && Pool.PromptOf(pair.First) == Pool.PromptOf(pair.Second)),
                "new, and within a prompt");
            learner.Teach(await annotator.CompareAsync(ask.Pairs));
        }

        Assert.That(learner.Comparisons, Has.Count.EqualTo(all));
        Assert.That(() => learner.Query(), Throws.TypeOf<InputException>().With.Message.Contains("There are no candidates"));
    }

    [Test]
    public void The_first_batch_is_random_and_the_next_is_the_strategys()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        var learner = new ActiveLearner(on, Pool, Options("padopt"));

        Batch first = learner.Query();
        learner.Teach([.. first.Pairs.Select(pair => new Comparison(pair, 1))]);
        Batch second = learner.Query();

        Assert.That((first.Strategy, second.Strategy), Is.EqualTo(("random", "padopt")));
        Assert.That(second.Precision, Is.Not.Null);
        Assert.That(second.Values, Is.Ordered.Descending);
    }

    [Test]
    public async Task A_learner_given_back_an_earlier_ones_rounds_goes_on_as_that_one()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        var annotator = new GoldenAnnotator(Golden, seed: 1);
        ActiveLearner one = new(on, Pool, Options("dopt+sample")), two = new(on, Pool, Options("dopt+sample"));
        for (int round = 0; round < 3; round++)
        {
            IReadOnlyList<Comparison> answers = await annotator.CompareAsync(one.Query().Pairs);
            one.Teach(answers);
            two.Remember(answers, one.Model);
        }

        Assert.That(two.Query().Pairs, Is.EqualTo(one.Query().Pairs));
    }

    [Test]
    public void A_label_that_is_refused_changes_nothing()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        var learner = new ActiveLearner(on, Pool, Options("dopt"));
        Pair[] asked = learner.Query().Pairs;

        Assert.That(
            () => learner.Teach([new Comparison(asked[0], 1), new Comparison(asked[1], 1.5f)]),
            Throws.TypeOf<InputException>().With.Message.Contains("Label 1 is 1.5"));
        Assert.That((learner.Round, learner.Comparisons.Count, learner.Model), Is.EqualTo((0, 0, (BradleyTerryMlp?)null)));
        Assert.That(learner.Query().Pairs, Is.EqualTo(asked));
    }

    [Test]
    public async Task It_learns_an_order_that_it_was_not_shown()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        var heldOut = new HeldOut(Pool, Golden, isExact: true);
        var annotator = new GoldenAnnotator(Golden, seed: 1, AnswerNoise.None);
        var found = new List<Evaluation>();
        for (int seed = 1; seed <= 8; seed++)
        {
            var learner = new ActiveLearner(on, Pool, Options("padopt") with { Seed = seed });
            for (int round = 0; round < 4; round++)
            {
                learner.Teach(await annotator.CompareAsync(learner.Query().Pairs));
            }

            found.Add(heldOut.Evaluate(on, learner.Model!));
        }

        Assert.That(found.Average(evaluation => evaluation.Spearman), Is.GreaterThan(0.6), "half of the pairs are known");
        Assert.That(found[0].BestOfN, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Golden_answers_belong_to_the_pair_and_err_as_often_as_they_should()
    {
        var annotator = new GoldenAnnotator([0, 1], seed: 4);
        IReadOnlyList<Comparison> twice = await annotator.CompareAsync([new(0, 1), new(0, 1)]);
        Assert.That(twice[0], Is.EqualTo(twice[1]));

        int wins = 0;
        for (int seed = 0; seed < 20_000; seed++)
        {
            wins += (int)(await new GoldenAnnotator([0, 1], seed).CompareAsync([new(1, 0)]))[0].Preference;
        }

        // σ(1) = 0.7311, standard error 0.0031.
        Assert.That(wins / 20_000.0, Is.EqualTo(0.7311).Within(0.0125));
        IReadOnlyList<Comparison> exact = await new GoldenAnnotator([0, 1, 1], 0, AnswerNoise.None)
            .CompareAsync([new(0, 1), new(1, 0), new(1, 2)]);
        Assert.That(exact.Select(answer => answer.Preference), Is.EqualTo((float[])[0, 1, 0.5f]));
    }

    [Test]
    public void Rewards_that_are_not_finite_answer_nothing()
    {
        var annotator = new GoldenAnnotator([1, double.NaN], seed: 1);
        Assert.That(async () =>
            await annotator.CompareAsync([new(0, 1)]), Throws.TypeOf<InputException>().With.Message.Contains("(0, 1) are 1 and NaN"));
    }

    [Test]
    public void Prompts_of_one_response_have_nothing_to_compare()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using EmbeddingPool pool = EmbeddingPool.FromArray([1, 2, 3], 1, [0, 1, 2]);
        Assert.That(() => new ActiveLearner(on, pool, Options("dopt"))
            .Query(), Throws.TypeOf<InputException>().With.Message.Contains("no prompt has two responses"));
    }

    [Test]
    public void Pairs_that_must_be_in_are_asked_once_wherever_they_lie([Values("padopt+greedy", "random")] string strategy)
    {
        // The second joins two prompts, and of most rounds none is of a drawn prompt.
        using var on = Backend.Open(BackendKind.Cpu);
        SelectionOptions options = Options(strategy) with
        {
            BatchSize = 4,
            Candidates = new CandidateOptions { Prompts = 1 },
            Constraints = new BatchConstraints { Required = [new(1, 0), new(2, 39), new(0, 1)] },
        };
        var learner = new ActiveLearner(on, Pool, options);
        Batch first = learner.Query();
        Assert.That(first.Pairs, Has.Length.EqualTo(4).And.Member(new Pair(1, 0)).And.Member(new Pair(2, 39)));
        for (int round = 0; round < 2; round++)
        {
            learner.Teach([.. learner.Query().Pairs.Select(pair => new Comparison(pair, 1))]);
        }

        Pair[] asked = [.. learner.Comparisons.Select(comparison => comparison.Pair)];
        Assert.That(asked.Count(pair => pair.First + pair.Second == 1), Is.EqualTo(1));
        Assert.That((asked.Length, learner.Query().Pairs.Length), Is.EqualTo((8, 4)));
        foreach (Pair pair in (Pair[])[new(3, 40), new(3, 3), new(-1, 2)])
        {
            var wrong = new ActiveLearner(on, Pool, options with { Constraints = new BatchConstraints { Required = [pair] } });
            Assert.That(() => wrong.Query(), Throws.TypeOf<InputException>().With.Message.Contains($"({pair.First}, {pair.Second})"));
        }
    }

    [TestCase(float.NaN, "the embedding of none is finite")]
    [TestCase(2, "all 4 embeddings of embeddings are equal")]
    public void Embeddings_that_hold_nothing_to_compare_are_named_as_the_reason(float content, string sentence)
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using EmbeddingPool pool = EmbeddingPool.FromArray([content, content, content, content], 1, [0, 0, 1, 1]);
        Assert.That(() => new ActiveLearner(on, pool, Options("random") with { Training = new() { Standardise = false } })
            .Query(), Throws.TypeOf<InputException>().With.Message.Contains(sentence));
    }

    [Test]
    public void Options_are_whole_and_stay_as_they_were_written()
    {
        int[] widths = [8, 4];
        var training = new TrainingOptions { Hidden = widths };
        widths[0] = 99;

        Assert.That(training.Hidden, Is.EqualTo((int[])[8, 4]));
        Assert.That(() => new SelectionOptions { Strategy = null! }, Throws.ArgumentNullException);
        Assert.That(() => new SelectionOptions { Candidates = null! }, Throws.ArgumentNullException);
        Assert.That(() => new SelectionOptions { Training = null! }, Throws.ArgumentNullException);
    }

    [Test]
    public async Task Recorded_answers_hold_in_either_order_and_unknown_pairs_are_refused()
    {
        var annotator = new RecordedAnnotator([new Comparison(new Pair(2, 5), 0.75f, "ann")]);

        Assert.That((await annotator.CompareAsync([new(5, 2)]))[0], Is.EqualTo(new Comparison(new Pair(5, 2), 0.25f, "ann")));
        Assert.That(async () =>
            await annotator.CompareAsync([new(2, 3)]), Throws.TypeOf<InputException>().With.Message.Contains("2 and 3"));
    }

    private static SelectionOptions Options(string strategy) => new()
    {
        BatchSize = 10,
        Strategy = Strategy.Parse(strategy),
        Ridge = 1e-3,
        Candidates = new CandidateOptions { Prompts = Prompts, Pairs = 1000 },
        Training = new TrainingOptions { Hidden = [8, 4], Steps = 60, LearningRate = 0.02 },
        Seed = 5,
    };
}
