using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Design;
using FisherKernels.Learning.Selection;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>The posterior, BALD and BatchBALD on problems whose answer is known.</summary>
public sealed class BatchBaldTests
{
    private static readonly Backend On = Backend.Open(BackendKind.Cpu);

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void Draws_vary_as_the_inverse_of_the_precision()
    {
        // δ = (1, 0) and (0, 1), mean ‖δ‖² = 1: λ' = 1/25. Forty labelled pairs along the first, v = ¼: M = diag(10.04, 0.04).
        using var phi = On.Upload<float>([0, 0, 1, 0, 0, 1], 3, 2);
        using var r = On.Allocate<float>(3);
        using PairGraph graph = On.Graph([new(1, 0), new(2, 0)], 3), past = On.Graph([.. Enumerable.Repeat(new Pair(0, 1), 40)], 3);
        CandidateProblem Context(int seed) =>
            new(graph, phi, r) { Past = new PastComparisons(past, phi, r), Random = new SeededRandom(seed) };

        Assert.That(Variances(new LaplacePosterior().Draw(Context(1), [], 20_000)), Is.EqualTo((double[])[1 / 10.04, 25])
            .Within(5).Percent, "5 deviations of a variance of 20,000");
        Assert.That(
            Variances(new LaplacePosterior().Draw(Context(2), [1], 20_000)), Is.EqualTo((double[])[1 / 10.04, 1 / 0.29]).Within(5).Percent,
            "the second candidate as if it were labelled: v = ¼ along the second direction");
        Assert.That(Variances(new LaplacePosterior { PriorGap = 1 }.Draw(Context(3), [], 20_000))[1], Is.EqualTo(1).Within(5).Percent);

        static double[] Variances(float[] r_RS)
        {
            const int Samples = 20_000;
            return [.. ((int[])[1, 2])
                .Select(a => Enumerable.Range(0, Samples).Average(s => Math.Pow((double)r_RS[a * Samples + s] - r_RS[s], 2)))];
        }
    }

    [Test]
    public void Draws_are_about_the_rewards_whatever_the_unit_of_the_features()
    {
        using Problem small = new(100, scale: 1), large = new(100, scale: 1000);
        double[] one = Strategy.Parse("bald").Score(small.Context(1)).Values, other = Strategy.Parse("bald").Score(large.Context(1)).Values;
        Assert.That(other, Is.EqualTo(one).Within(1e-3), "float32 rewards and draws");

        const int Samples = 4000;
        float[] r_RS = new LaplacePosterior().Draw(small.Context(1), [], Samples);
        Assert.That(Enumerable.Range(0, Samples).Average(s => r_RS[s]), Is.EqualTo(small.FirstReward).Within(0.5));
    }

    [Test]
    public void Bald_by_hand()
    {
        // Rewards of three responses under two draws: always sure of one answer, sure of different ones, unsure alike.
        float[] r_RS = [0, 0, 2000, 2000, 2000, -2000, 0, 0];
        Predictions predictions = Predictions.Compute(r_RS, [new(0, 1), new(0, 2), new(2, 0), new(0, 3)], 2);

        Assert.That(
            (double[])[predictions.Bald(0), predictions.Bald(1), predictions.Bald(2), predictions.Bald(3)],
            Is.EqualTo((double[])[0, Math.Log(2), Math.Log(2), 0]).Within(1e-15));
    }

    [Test]
    public void Infinite_gaps_are_certain_answers_and_no_answer_is_an_error()
    {
        Assert.That(
            Predictions.Compute([0, 0, float.PositiveInfinity, float.NegativeInfinity], [new(0, 1)], 2).Bald(0), Is.EqualTo(Math.Log(2))
            .Within(1e-15));

        Predictions broken = Predictions.Compute([0, 0, 1, float.NaN, 2, -2], [new(0, 2), new(0, 1)], 2);
        Assert.That(() => Greedy(broken, 1, 1024, 256), Throws.TypeOf<ScoreException>().With.Message.Contains("candidate 1"));
    }

    [Test]
    public void Lazy_choices_are_those_of_looking_at_everything()
    {
        using var problem = new Problem(300);
        Predictions predictions = problem.Predictions(64);
        var outcomes = new JointOutcomes(64, 1024, 256);
        foreach ((int candidate, double gain) in Greedy(predictions, 10, 1024, 256))
        {
            double[] all = [.. Enumerable.Range(0, 300).Select(i => outcomes.Gain(predictions.Probabilities(i), predictions.Entropies(i)))];
            Assert.That(candidate, Is.EqualTo(Array.IndexOf(all, all.Max())));
            Assert.That(gain, Is.EqualTo(all.Max()));
            outcomes.Extend(predictions.Probabilities(candidate), new SeededRandom(0));
        }

        Assert.That(outcomes.Exact);
    }

    [TestCase(1024)]
    [TestCase(8)]
    public void The_bound_of_a_gain_is_never_below_it(int exactRows)
    {
        // Draws that are sure, unsure and of every kind between.
        const int Samples = 20, N = 200;
        var random = new SeededRandom(7);
        float[] r_RS = [.. Enumerable.Range(0, 50 * Samples).Select(j => (float)(Math.Pow(10, j / Samples % 5 - 2) * random.NextNormal()))];
        Predictions predictions = Predictions.Compute(
            r_RS, [.. Enumerable.Range(0, N).Select(_ => new Pair(random.NextBelow(25), 25 + random.NextBelow(25)))], Samples);
        var outcomes = new JointOutcomes(Samples, exactRows, 256);
        double nearest = double.PositiveInfinity;
        for (int chosen = 0; chosen < 10; chosen++)
        {
            for (int i = 0; i < N; i++)
            {
                double gain = outcomes.Gain(predictions.Probabilities(i), predictions.Entropies(i));
                double atMost = outcomes.GainAtMost(predictions.Probabilities(i), predictions.Entropies(i));
                Assert.That(atMost, Is.GreaterThanOrEqualTo(gain), $"{i} after {chosen}");
                nearest = gain > 0.1 ? Math.Min(nearest, atMost / gain) : nearest;
            }

            outcomes.Extend(predictions.Probabilities(chosen), random);
        }

        Assert.That(nearest, Is.LessThan(1.1), "one that is always infinite would bound nothing");
    }

    [Test]
    public void Sampled_outcomes_give_the_exact_gains_within_a_few_per_cent()
    {
        using var problem = new Problem(300);
        Predictions predictions = problem.Predictions(64);
        int[] chosen = [.. Greedy(predictions, 10, 1024, 256).Select(pick => pick.Candidate)];
        double[] exact = Gains(1024, 0);
        double squares = 0, worst = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            // Sampled from the fourth pair on.
            double[] sampled = Gains(8, seed);
            double[] error = [.. sampled.Zip(exact, (one, other) => Math.Abs(one - other) / exact.Max())];
            (squares, worst) = (squares + error.Average(share => share * share) / 20, Math.Max(worst, error.Max()));
        }

        TestContext.Out.WriteLine(
            FormattableString.Invariant(
                $"share of the largest gain: root mean square {Math.Sqrt(squares):P2}, worst of 20 × 300 {worst:P2}"));
        Assert.That(Math.Sqrt(squares), Is.LessThan(0.03));
        Assert.That(worst, Is.LessThan(0.15));

        double[] Gains(int exactRows, int seed)
        {
            var outcomes = new JointOutcomes(64, exactRows, 256);
            var random = new SeededRandom(seed);
            foreach (int candidate in chosen)
            {
                outcomes.Extend(predictions.Probabilities(candidate), random);
            }

            Assert.That(outcomes.Exact, Is.EqualTo(exactRows == 1024));
            return [.. Enumerable.Range(0, 300).Select(i => outcomes.Gain(predictions.Probabilities(i), predictions.Entropies(i)))];
        }
    }

    [Test]
    public void Choices_by_sampled_outcomes_tell_as_much_as_exact_ones()
    {
        using var problem = new Problem(300);
        Predictions predictions = problem.Predictions(64);
        double exact = Greedy(predictions, 10, 1024, 256).Sum(pick => pick.Gain);
        double[] shares = [.. Enumerable.Range(0, 20).Select(seed =>
        {
            var outcomes = new JointOutcomes(64, 1024, 256);
            double information = 0;
            foreach ((int candidate, _) in Greedy(predictions, 10, 8, 256, seed))
            {
                information += outcomes.Gain(predictions.Probabilities(candidate), predictions.Entropies(candidate));
                outcomes.Extend(predictions.Probabilities(candidate), new SeededRandom(0));
            }

            return information / exact;
        })];

        TestContext.Out.WriteLine(
            FormattableString.Invariant($"information of ten pairs over that of the exact choice: {shares.Min():P2} to {shares.Max():P2}"));
        Assert.That(shares.Min(), Is.GreaterThan(0.98));
    }

    [Test]
    public void The_entropy_of_certain_outcomes_is_that_of_the_draws()
    {
        // Four draws that two certain pairs tell apart: after both nothing is left to learn, and a third tells nothing.
        var predictions = new Predictions([1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1], new double[12], 4);
        List<(int Candidate, double Gain)> picked = Greedy(predictions, 3, 1024, 256);

        Assert.That(picked.Select(pick => pick.Candidate), Is.EqualTo((int[])[0, 1, 2]));
        Assert.That(picked.Select(pick => pick.Gain), Is.EqualTo((double[])[Math.Log(2), Math.Log(2), 0]).Within(1e-15));
    }

    [TestCase(1024)]
    [TestCase(2)]
    public void Twins_are_not_taken_for_free(int exactRows)
    {
        // Each pair twice. A certain answer that is known leaves its twin nothing.
        var sure = new Predictions([1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0], new double[16], 4);
        Assert.That(Greedy(sure, 2, exactRows, 64).Select(pick => pick.Candidate), Is.EqualTo((int[])[0, 2]));
    }

    [Test]
    public void A_batch_holds_more_different_pairs_than_the_best_alone()
    {
        using var problem = new Problem(400, twins: true, width: 32);
        int Different(string name) => Strategy.Parse(name).Select(problem.Context(1), 60).Indices.Select(i => i % 200).Distinct().Count();

        Assert.That(Different("bald"), Is.EqualTo(30));
        Assert.That(Different("batchbald"), Is.GreaterThanOrEqualTo(45));
    }

    [Test]
    public void A_batch_tells_more_than_the_best_alone()
    {
        // What 200 answers tell about a head with a normal posterior is ½ log det(M + I) − ½ log det M, which no draw enters.
        using var problem = new Problem(4000, responses: 1000, width: 32);
        double Told(string name) => problem.Information(Strategy.Parse(name).Select(problem.Context(1), 200).Indices);
        double random = Told("random"), alone = Told("bald"), together = Told("batchbald");

        TestContext.Out.WriteLine(
            FormattableString.Invariant(
                $"nats told by 200 of 4,000: random {random:F1}, bald {alone:F1}, batchbald {together:F1}, padopt {Told("padopt"):F1}"));
        Assert.That(together, Is.GreaterThan(alone));
        Assert.That(alone, Is.GreaterThan(random));
    }

    private static List<(int Candidate, double Gain)> Greedy(
        Predictions predictions, int count, int exactRows, int sampledRows, int seed = 0) =>
        BatchBaldSelector.Greedy(
            predictions, count, new JointOutcomes(predictions.Samples, exactRows, sampledRows), new bool[predictions.Count], 0,
            new SeededRandom(seed));

    /// <summary>Random features, a random head of rewards about as wide as a trained one's, random pairs; 25 labelled pairs unless
    /// told otherwise.</summary>
    private sealed class Problem : IDisposable
    {
        private readonly PairGraph _graph, _past;
        private readonly DeviceArray<float> _phi, _r;

        public Problem(int pairs, float scale = 1, bool twins = false, int responses = 100, int width = 8, int past = 25)
        {
            var random = new SeededRandom(5);
            float[] phi = [.. Enumerable.Range(0, responses * width).Select(_ => (float)random.NextNormal())];
            float[] beta = [.. Enumerable.Range(0, width).Select(_ => (float)(random.NextNormal() / Math.Sqrt(width)))];
            float[] r = [.. Enumerable.Range(0, responses).Select(a => Enumerable.Range(0, width).Sum(j => phi[a * width + j] * beta[j]))];
            FirstReward = r[0];
            _phi = On.Upload<float>([.. phi.Select(number => scale * number)], responses, width);
            _r = On.Upload<float>(r, responses);
            Pair[] drawn = Draw(twins ? pairs / 2 : pairs);
            _graph = On.Graph(twins ? [.. drawn, .. drawn] : drawn, responses);
            _past = On.Graph(Draw(past), responses);

            Pair[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ =>
            {
                int a = random.NextBelow(responses);
                return new Pair(a, (a + 1 + random.NextBelow(responses - 1)) % responses);
            })];
        }

        public float FirstReward { get; }

        public CandidateProblem Context(int seed) => new(_graph, _phi, _r)
        {
            Past = new PastComparisons(_past, _phi, _r),
            Random = new SeededRandom(seed),
        };

        public Predictions Predictions(int samples) =>
            FisherKernels.Learning.Acquisition.Predictions.Compute(
                new LaplacePosterior().Draw(Context(1), [], samples), _graph.Pairs.ToArray(), samples);

        /// <summary>½ log det(M + I) − ½ log det M with M of the labelled pairs and the prior's λ' of d = 32, mean ‖δ‖² ≈ 64.</summary>
        public double Information(int[] chosen)
        {
            double[] before = Of(_past);
            using PairGraph graph = On.Graph([.. chosen.Select(i => _graph.Pairs.ToArray()[i])], _phi.Rows);
            double prior = 2.0 * _phi.Columns / 25;
            return (new PrecisionMatrix(_phi.Columns, prior, before, Of(graph)).LogDeterminant
                - new PrecisionMatrix(_phi.Columns, prior, before).LogDeterminant) / 2;

            double[] Of(PairGraph of)
            {
                using DeviceArray<float> v = FisherDesign.Variances(of, _r);
                return FisherDesign.Information(of, _phi, v);
            }
        }

        public void Dispose()
        {
            _graph.Dispose();
            _past.Dispose();
            _phi.Dispose();
            _r.Dispose();
        }
    }
}
