using FisherKernels.Bench.Cases;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using NUnit.Framework;

namespace FisherKernels.Tests.Golden;

/// <summary>BALD, BatchBALD and joint entropies from given log-probabilities, against the published code's in higher precision.</summary>
public sealed class BaldVectors
{
    private static readonly string[] Names = ["bald_n200_k20", "bald_n2000_k50", "bald_duplicates", "bald_saturated"];

    [TestCaseSource(nameof(Names))]
    public void Bald(string name)
    {
        var golden = new GoldenCase(name);
        Predictions predictions = Given(golden);
        double[] bald = [.. Enumerable.Range(0, predictions.Count).Select(predictions.Bald)];

        Expect.Close(bald, golden.Array("bald"), Limit(golden, "bald"), "bald");
        int[] best = [.. Enumerable.Range(0, bald.Length).OrderByDescending(i => bald[i]).Take(golden.Axis("bald_top", 0))];
        Assert.That(Same(golden, best), Is.EqualTo(Same(golden, golden.Array("bald_top"))));
    }

    [TestCaseSource(nameof(Names))]
    public void Batch(string name)
    {
        var golden = new GoldenCase(name);
        Predictions predictions = Given(golden);
        int batch = golden.Axis("batch_index", 0), n = predictions.Count;

        List<(int Candidate, double Gain)> picked = Greedy(predictions, batch);

        Assert.That(Same(golden, picked.Select(pick => pick.Candidate)), Is.EqualTo(Same(golden, golden.Array("batch_index"))));
        double information = 0;
        Expect.Close(
            [.. picked.Select(pick => information += pick.Gain)], golden.Array("batch_score"), Limit(golden, "batch_score"), "batch_score");
        Assert.That(picked.Select(pick => pick.Candidate), Is.Unique);

        // At each step every candidate, the chosen ones included: a pair asked twice is two answers.
        var outcomes = new JointOutcomes(predictions.Samples, 1024, 1);
        information = 0;
        for (int step = 0; step < batch; step++)
        {
            double[] score = [
                .. Enumerable.Range(0, n).Select(i => information + outcomes.Gain(predictions.Probabilities(i), predictions.Entropies(i)))];
            Expect.Close(
                score, golden.Array("step_score")[(step * n)..((step + 1) * n)], Limit(golden, "batch_score"), $"step_score {step}");
            information += picked[step].Gain;
            outcomes.Extend(predictions.Probabilities(picked[step].Candidate), new SeededRandom(0));
        }
    }

    [TestCase("bald_sampled")]
    public void Joint_entropy_of_given_outcomes(string name)
    {
        var golden = new GoldenCase(name);
        Predictions predictions = Given(golden);
        var outcomes = new JointOutcomes(golden.Array("sample_probs"), predictions.Samples, 1, 1);

        Tolerance limit = new(1e-12, "the vectors' own rule");
        Expect.Close([outcomes.Entropy], golden.Array("sample_entropy"), limit, "sample_entropy");
        Expect.Close(
            [.. Enumerable.Range(0, predictions.Count).Select(i => outcomes.JointEntropy(predictions.Probabilities(i)))],
            golden.Array("sample_joint"), limit, "sample_joint");
    }

    [TestCase("bald_sampled")]
    public void Joint_entropy_of_all_outcomes(string name)
    {
        var golden = new GoldenCase(name);
        Predictions predictions = Given(golden);
        JointOutcomes outcomes = After(golden, predictions, new JointOutcomes(predictions.Samples, 1024, 1), 0);

        Expect.Close(
            [.. Enumerable.Range(0, predictions.Count).Select(i => outcomes.JointEntropy(predictions.Probabilities(i)))],
            golden.Array("exact_joint"),
            new(1e-12, "the vectors' own rule"), "exact_joint");
    }

    [TestCase("bald_sampled")]
    public void Joint_entropy_of_sampled_outcomes_is_nearer_than_the_published_estimate(string name)
    {
        var golden = new GoldenCase(name);
        Predictions predictions = Given(golden);
        double[] exact = golden.Array("exact_joint"), sd = golden.Array("estimate_sd");
        double squares = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            // As many rows as the published code had, sampled from the third pair on.
            JointOutcomes outcomes = After(golden, predictions, new JointOutcomes(predictions.Samples, 4, 1000), seed);
            Assert.That(outcomes.Exact, Is.False);
            squares += Enumerable.Range(0, exact.Length)
                .Average(i => Math.Pow(outcomes.JointEntropy(predictions.Probabilities(i)) - exact[i], 2)) / 20;
        }

        TestContext.Out.WriteLine(
            FormattableString.Invariant(
                $"root mean square error {Math.Sqrt(squares):G3}, published {sd.Average():G3}, joint entropy {exact.Average():G3}"));
        Assert.That(Math.Sqrt(squares), Is.LessThan(sd.Average()));
    }

    private static JointOutcomes After(GoldenCase golden, Predictions predictions, JointOutcomes outcomes, int seed)
    {
        var random = new SeededRandom(seed);
        foreach (double chosen in golden.Array("chosen"))
        {
            outcomes.Extend(predictions.Probabilities((int)chosen), random);
        }

        return outcomes;
    }

    private static List<(int Candidate, double Gain)> Greedy(Predictions predictions, int count) => BatchBaldSelector.Greedy(
        predictions, count, new JointOutcomes(predictions.Samples, 1024, 1), new bool[predictions.Count], 0, new SeededRandom(0));

    private static Predictions Given(GoldenCase golden)
    {
        double[] logs = golden.Array("log_probs");
        double[] p = [.. Enumerable.Range(0, logs.Length / 2).Select(j => Math.Exp(logs[2 * j + 1]))];
        double[] h = [.. Enumerable.Range(0, logs.Length / 2).Select(j => -Weighted(logs[2 * j]) - Weighted(logs[2 * j + 1]))];
        return new Predictions(p, h, golden.Axis("log_probs", 1));

        static double Weighted(double log) => double.IsNegativeInfinity(log) ? 0 : Math.Exp(log) * log;
    }

    // Pairs that are given twice are the same pair: the vectors compare choices modulo half of them.
    private static int[] Same(GoldenCase golden, IEnumerable<double> choice) => Same(golden, choice.Select(number => (int)number));

    private static int[] Same(GoldenCase golden, IEnumerable<int> choice) =>
        [.. choice.Select(number => golden.Parameters.GetProperty("n").GetInt32() is 60 ? number % 30 : number)];

    private static Tolerance Limit(GoldenCase golden, string name) => new(golden.Allowed(name), "the vectors' own rule");
}
