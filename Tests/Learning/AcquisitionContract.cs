using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Selection;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>What every strategy promises; a new one is held to it by standing in <see cref="Strategy.Known"/>.</summary>
public class AcquisitionContract
{
    private static readonly Backend On = Backend.Open(BackendKind.Cpu);

    private static IEnumerable<string> Names => Strategy.Known.Select(strategy => strategy.Name);

    private static IEnumerable<string> PairByPair =>
        Strategy.Known.Where(strategy => strategy.Selector == BatchSelectors.Top).Select(strategy => strategy.Name);

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [TestCaseSource(nameof(Names))]
    public void Scores_are_finite_and_the_batch_is_ordered_best_first(string name)
    {
        using var problem = new RandomProblem(On, 200);
        Batch picked = Strategy.Parse(name).Select(problem.Context(1), 50);

        Assert.That(picked.Indices, Is.Unique);
        Assert.That(picked.Indices, Is.All.InRange(0, 199));
        Assert.That(picked.Values, Is.All.Matches<double>(double.IsFinite));
        if (PairByPair.Contains(name))
        {
            Assert.That(picked.Values, Is.Ordered.Descending);
        }
    }

    [TestCaseSource(nameof(Names))]
    public void It_reads_what_it_says_it_reads(string name)
    {
        using var drawn = new RandomProblem(On, 60);
        CandidateProblem problem = drawn.Context(1);
        Strategy strategy = Strategy.Parse(name);
        strategy.Score(problem);

        Assert.That(problem.InputsRead, Is.EqualTo(strategy.Acquisition.Inputs));
        strategy.Select(problem, 5);
        Assert.That(problem.InputsRead, Is.EqualTo(strategy.Acquisition.Inputs));
    }

    [TestCaseSource(nameof(PairByPair))]
    public void The_best_k_are_the_k_best_of_all(string name)
    {
        using var problem = new RandomProblem(On, 120);
        double[] values = Strategy.Parse(name).Score(problem.Context(1)).Values;
        Batch picked = Strategy.Parse(name).Select(problem.Context(1), 30);

        double[] best = [.. values.OrderDescending().Take(30)];
        Assert.That(picked.Values, Is.EqualTo(best));
    }

    [TestCaseSource(nameof(Names))]
    public void The_same_seed_gives_the_same_batch(string name)
    {
        using var problem = new RandomProblem(On, 200);
        foreach (string how in (string[])[name, $"{name}+sample", $"{name}+power=3", $"{name}+softmax"])
        {
            Assert.That(
                Strategy.Parse(how).Select(problem.Context(3), 20).Indices,
                Is.EqualTo(Strategy.Parse(how).Select(problem.Context(3), 20).Indices), how);
        }
    }

    [TestCaseSource(nameof(Names))]
    public void Which_response_stands_first_does_not_matter(string name)
    {
        using RandomProblem problem = new(On, 100), turned = new(On, 100, turn: true);

        Assert.That(
            Strategy.Parse(name)
                .Select(turned.Context(2), 25).Indices, Is.EqualTo(Strategy.Parse(name).Select(problem.Context(2), 25).Indices));
    }

    [TestCaseSource(nameof(Names))]
    public void None_and_all_can_be_asked_for(string name)
    {
        using RandomProblem problem = new(On, 17), empty = new(On, 0);

        Assert.That(Strategy.Parse(name).Select(problem.Context(1), 0).Indices, Is.Empty);
        Assert.That(Strategy.Parse(name).Select(problem.Context(1), 17).Indices, Is.EquivalentTo(Enumerable.Range(0, 17)));
        Assert.That(Strategy.Parse(name).Select(empty.Context(1), 0).Indices, Is.Empty);
        Assert.That(() =>
            Strategy.Parse(name).Select(problem.Context(1), 18), Throws.TypeOf<InputException>().With.Message.Contains("17 candidates"));
    }

    [Test]
    public void A_batch_is_chosen_by_the_strategy_itself_and_sampled_by_its_scores()
    {
        using var problem = new RandomProblem(On, 10);
        var backwards = new Backwards();

        Assert.That(new Strategy(backwards, backwards).Select(problem.Context(1), 3).Indices, Is.EqualTo((int[])[9, 8, 7]));
        Assert.That(new Strategy(backwards, backwards).Select(problem.Context(1), 0).Indices, Is.Empty);
        Assert.That(new Strategy(backwards, BatchSelectors.Sample).Select(problem.Context(1), 2).Indices, Is.EquivalentTo((int[])[0, 1]));
    }

    [Test]
    public void Equal_scores_go_to_the_lower_number()
    {
        using var r = On.Upload<float>([0, 1, 2, 3], 4);
        using var phi = On.Upload<float>([0, 1, 2, 3], 4, 1);
        using PairGraph graph = On.Graph([new(0, 1), new(2, 3), new(1, 2), new(0, 3)], 4);
        var context = new CandidateProblem(graph, phi, r);

        Assert.That(Strategy.Parse("entropy").Select(context, 4).Indices, Is.EqualTo((int[])[0, 1, 2, 3]));
        Assert.That(Strategy.Parse("maxdiff").Select(context, 4).Indices, Is.EqualTo((int[])[3, 0, 1, 2]));
    }

    [Test]
    public void Entropy_tells_gaps_apart_that_float32_entropies_do_not()
    {
        using var r = On.Upload<float>([0, 3e-5f, 0, 2e-5f, 0, 1e-5f], 6);
        using var phi = On.Allocate<float>(6, 1);
        using PairGraph graph = On.Graph([new(0, 1), new(2, 3), new(4, 5)], 6);

        Batch picked = Strategy.Parse("entropy").Select(new CandidateProblem(graph, phi, r), 3);

        Assert.That(picked.Indices, Is.EqualTo((int[])[2, 1, 0]));
        Assert.That(picked.Values[0], Is.EqualTo(Math.Log(2)).Within(1e-9));
    }

    [Test]
    public void Sampling_is_in_proportion_to_the_scores()
    {
        // |x| = 1, 2, 3, 4 under maxdiff: the first draw falls on them with chances 0.1, 0.2, 0.3, 0.4.
        using var r = On.Upload<float>([0, 1, 2, 3, 4], 5);
        using var phi = On.Allocate<float>(5, 1);
        using PairGraph graph = On.Graph([new(0, 1), new(0, 2), new(0, 3), new(0, 4)], 5);
        const int Draws = 20_000;
        var counts = new int[4];
        for (int seed = 0; seed < Draws; seed++)
        {
            var context = new CandidateProblem(graph, phi, r) { Random = new SeededRandom(seed) };
            counts[Strategy.Parse("maxdiff+sample").Select(context, 1).Indices[0]]++;
        }

        double chi2 = Enumerable.Range(0, 4).Sum(i => Math.Pow(counts[i] - Draws * 0.1 * (i + 1), 2) / (Draws * 0.1 * (i + 1)));
        Assert.That(chi2, Is.LessThan(16.3), "χ² of 3 degrees of freedom exceeds 16.3 once in a thousand; the seeds are fixed");
    }

    [TestCase("+power=2", new[] { 1 / 30.0, 4 / 30.0, 9 / 30.0, 16 / 30.0 })]
    [TestCase("+power=0.5", new[] { 0.1627005, 0.2300932, 0.2818055, 0.3254009 })]
    [TestCase("+softmax", new[] { 0.0320586, 0.0871443, 0.2368828, 0.6439143 })]
    [TestCase("+softmax=0.5", new[] { 0.1015364, 0.1674051, 0.2760043, 0.4550542 })]
    public void Powers_and_exponentials_of_the_scores_are_drawn_by(string how, double[] chances)
    {
        // |x| = 1, 2, 3, 4 under maxdiff: 1, 4, 9, 16 of 30; e, e², e³, e⁴ of their sum; …
        using var r = On.Upload<float>([0, 1, 2, 3, 4], 5);
        using var phi = On.Allocate<float>(5, 1);
        using PairGraph graph = On.Graph([new(0, 1), new(0, 2), new(0, 3), new(0, 4)], 5);
        const int Draws = 20_000;
        var counts = new int[4];
        Strategy strategy = Strategy.Parse("maxdiff" + how);
        for (int seed = 0; seed < Draws; seed++)
        {
            counts[strategy.Select(new CandidateProblem(graph, phi, r) { Random = new SeededRandom(seed) }, 1).Indices[0]]++;
        }

        double chi2 = Enumerable.Range(0, 4).Sum(i => Math.Pow(counts[i] - Draws * chances[i], 2) / (Draws * chances[i]));
        Assert.That(chi2, Is.LessThan(16.3), "χ² of 3 degrees of freedom exceeds 16.3 once in a thousand; the seeds are fixed");
    }

    [TestCase("dopt+sample", "dopt+sample")]
    [TestCase("dopt+power", "dopt+sample")]
    [TestCase("dopt+power=1.0", "dopt+sample")]
    [TestCase("dopt+power=0.25", "dopt+power=0.25")]
    [TestCase("dopt+softmax=1", "dopt+softmax")]
    [TestCase("dopt+softmax=1e+30", "dopt+softmax=1E+30")]
    [TestCase("dopt+top", "dopt")]
    public void A_strategy_has_one_name(string written, string name)
    {
        Assert.That(Strategy.Parse(written).Name, Is.EqualTo(name));
        Assert.That(Strategy.Parse(name), Is.EqualTo(Strategy.Parse(written)));
    }

    [Test]
    public void A_large_exponent_takes_the_best()
    {
        using var problem = new RandomProblem(On, 60);
        double[] best = Strategy.Parse("maxdiff").Select(problem.Context(1), 5).Values;

        Assert.That(Strategy.Parse("maxdiff+power=1e6").Select(problem.Context(1), 5).Values, Is.EqualTo(best));
        Assert.That(Strategy.Parse("maxdiff+softmax=1e6").Select(problem.Context(1), 5).Values, Is.EqualTo(best));
        Assert.That(() => BatchSelectors.Power(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Uncertainty_is_the_standard_error_that_the_labelled_pairs_leave()
    {
        // δ = (3, 4): with nothing labelled √(25/λ); four answers to (1, 0) at v = ¼ leave M = diag(1 + 1, 1).
        using var phi = On.Upload<float>([0, 0, 3, 4, 1, 0], 3, 2);
        using var r = On.Allocate<float>(3);
        using PairGraph graph = On.Graph([new(1, 0), new(0, 2)], 3), past = On.Graph([.. Enumerable.Repeat(new Pair(2, 0), 4)], 3);
        var first = new CandidateProblem(graph, phi, r) { Ridge = 0.25 };
        var later = new CandidateProblem(graph, phi, r) { Ridge = 1, Past = new PastComparisons(past, phi, r) };

        Assert.That(Strategy.Parse("uncertainty").Score(first).Values, Is.EqualTo((double[])[10, 2]).Within(1e-6));
        Assert.That(Strategy.Parse("uncertainty").Score(later).Values, Is.EqualTo((double[])[Math.Sqrt(20.5), Math.Sqrt(0.5)])
            .Within(1e-6));
    }

    [Test]
    public void What_has_no_positive_score_is_never_sampled()
    {
        using var r = On.Upload<float>([0, 1, 0, 0], 4);
        using var phi = On.Allocate<float>(4, 1);
        using PairGraph graph = On.Graph([new(0, 2), new(0, 1), new(2, 3)], 4);
        var context = new CandidateProblem(graph, phi, r);

        Assert.That(Strategy.Parse("maxdiff+sample").Select(context, 1).Indices, Is.EqualTo((int[])[1]));
        Assert.That(
            () => Strategy.Parse("maxdiff+sample")
                .Select(context, 2), Throws.TypeOf<InputException>().With.Message.Contains("only 1 of 3"));
    }

    [Test]
    public void A_score_that_is_not_a_number_is_an_error()
    {
        using var r = On.Upload<float>([0, float.NaN, 1], 3);
        using var phi = On.Allocate<float>(3, 1);
        using PairGraph graph = On.Graph([new(0, 2), new(0, 1)], 3);

        Assert.That(() => Strategy.Parse("maxdiff").Select(new CandidateProblem(graph, phi, r), 1), Throws.TypeOf<ScoreException>());
    }

    [Test]
    public void The_past_lowers_what_it_already_knows()
    {
        // Two directions, one candidate in each; the past has asked the first one ten times.
        using var phi = On.Upload<float>([1, 0, 0, 0, 0, 1], 3, 2);
        using var r = On.Allocate<float>(3);
        using PairGraph graph = On.Graph([new(0, 1), new(1, 2)], 3), past = On.Graph([.. Enumerable.Repeat(new Pair(0, 1), 10)], 3);
        var context = new CandidateProblem(graph, phi, r) { Past = new PastComparisons(past, phi, r) };

        // v = ¼ everywhere: without the past both are 1 but for λ; with it the first is ¼/(λ + ¼ + 10/4) = 1/11.
        Assert.That(Strategy.Parse("dopt").Score(context).Values, Is.EqualTo((double[])[1, 1]).Within(1e-5));
        Assert.That(Strategy.Parse("padopt").Score(context).Values, Is.EqualTo((double[])[1 / 11.0, 1]).Within(1e-5));
    }

    /// <summary>Takes the last candidates, and scores only the first two above 0.</summary>
    private sealed class Backwards : IAcquisition, IBatchSelector
    {
        public string Name => "backwards";

        public string Description => "the last ones";

        string IBatchSelector.Name => "";

        public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
        {
            score_n.CopyFrom([.. Enumerable.Range(0, score_n.Rows).Select(i => i < 2 ? 1f : 0f)]);
            return null;
        }

        public Batch Select(CandidateProblem problem, IAcquisition acquisition, BatchRequest request) => problem.CreateBatch(
            [.. Enumerable.Range(1, request.Count).Select(j => problem.Candidates.Count - j)], [.. Enumerable.Repeat(1.0, request.Count)]);
    }
}
