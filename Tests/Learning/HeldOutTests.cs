using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Metrics;
using FisherKernels.Learning.Pools;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>Measures on prompts of any sizes and on what people said, against the definition.</summary>
public class HeldOutTests
{
    private static readonly long[] Ids = [7, 3, 3, 7, 3, 9, 3, 7, 3, 3];   // sizes 3, 6 and 1, rows in any order

    [Test]
    public void Prompts_of_different_sizes_are_measured_one_by_one()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(new float[Ids.Length], 1, Ids);
        float[] predicted = [3, 1, 1, 2, 5, 0, 4, 1, 0, 2];
        double[] golden = [1, 2, 2, 5, 3, 4, 3, 0, 1, 1];
        var heldOut = new HeldOut(pool, golden, isExact: true, [1, 3, 6]);

        Evaluation found = heldOut.Measure(predicted);

        int[][] prompts = [.. Enumerable.Range(0, pool.Prompts).Select(prompt => pool.ResponsesOf(prompt).ToArray())];
        Assert.That(heldOut.BestOfPrompts, Is.EqualTo([3, 2, 1]));
        Assert.That((heldOut.Pairs, heldOut.AllPairs), Is.EqualTo((18, 18L)));
        Assert.That(found.BestOfN[0], Is.EqualTo(prompts.Average(rows => rows.Average(row => golden[row]))).Within(1e-12));
        Assert.That(found.BestOfN[1], Is.EqualTo(prompts.Where(rows => rows.Length >= 3).Average(rows => Best(rows, 3))).Within(1e-12));
        Assert.That(found.BestOfN[2], Is.EqualTo(Best(prompts.Single(rows => rows.Length == 6), 6)).Within(1e-12));
        Assert.That(found.Spearman, Is.EqualTo(prompts.Where(rows => rows.Length > 1).Average(rows =>
            RankCorrelation.Spearman([.. rows.Select(row => (double)predicted[row])], [.. rows.Select(row => golden[row])])))
                .Within(1e-12));

        double Best(int[] rows, int n) =>
            BestOfN.Expected([.. rows.Select(row => (double)predicted[row])], [.. rows.Select(row => golden[row])], n);
    }

    [Test]
    public void A_model_that_says_the_same_of_everything_gets_the_mean_in_any_order_of_the_file()
    {
        double[] golden = [9, 7, 5, 3, 1];
        foreach (double[] order in new[] { golden, golden.Reverse().ToArray() })
        {
            for (int n = 1; n <= 5; n++)
            {
                Assert.That(BestOfN.Expected(new double[5], order, n), Is.EqualTo(5).Within(1e-12));
            }
        }
    }

    [Test]
    public void Rewards_far_from_zero_are_told_apart_as_float64()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(new float[4], 1);
        Evaluation found = new HeldOut(pool, [1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3], isExact: true).Measure([0, 1, 2, 3]);
        Assert.That((found.Spearman, found.Accuracy), Is.EqualTo((1.0, 1.0)));
    }

    [Test]
    public void Nothing_to_measure_is_NaN_and_nonsense_is_refused()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(new float[3], 1, [0, 1, 2]);
        Evaluation found = new HeldOut(pool, [1, 2, 3]).Measure([1, 2, 3]);
        Assert.That((found.Spearman, found.Accuracy, found.LogLoss, found.CalibrationError),
            Is.EqualTo((double.NaN, double.NaN, double.NaN, double.NaN)));
        Assert.That(() => new HeldOut(pool, [1, double.NaN, 3]), Throws.TypeOf<InputException>());
        Assert.That(() => new HeldOut(pool, [1, 2]), Throws.TypeOf<InputException>());
        Assert.That(() => new HeldOut(pool, [1, 2, 3], bestOf: [2]), Throws.TypeOf<InputException>().With.Message.Contains("best of 2"));
    }

    [Test]
    public void Peoples_comparisons_by_hand()
    {
        // Right, right, tied label, predicted tie, wrong; (0,1) twice, once turned.
        LabelledMetrics found = LabelledMetrics.Measure(
            [2, 1, 1, 0], [new(new(0, 1), 1), new(new(1, 0), 0), new(new(0, 3), 0.5f), new(new(1, 2), 1), new(new(3, 2), 1)]);

        Assert.That((found.Comparisons, found.Pairs, found.Ties, found.PredictedTies), Is.EqualTo((5, 4, 1, 1)));
        Assert.That(found.Accuracy, Is.EqualTo((1 + 1 + 0.5 + 0.5 + 0) / 5).Within(1e-12));
        Assert.That(found.DecidedAccuracy, Is.EqualTo((1 + 1 + 0.5 + 0) / 4).Within(1e-12));
        Assert.That(found.LogLoss, Is.EqualTo((2 * Soft(1) + (Soft(2) + Soft(-2)) / 2 + Math.Log(2) + Soft(-1)) / 5).Within(1e-7));
        Assert.That(() => LabelledMetrics.Measure([1, 2], []), Throws.TypeOf<InputException>());

        static double Soft(double x) => Math.Log(1 + Math.Exp(-x));
    }

    [Test]
    public void Votes_on_one_pair_do_not_narrow_the_interval()
    {
        var random = new SeededRandom(3);
        float[] predicted = [.. Enumerable.Range(0, 200).Select(_ => (float)random.NextNormal())];
        Comparison[] once = [.. Enumerable.Range(0, 100).Select(i => new Comparison(new Pair(2 * i, 2 * i + 1), random.NextBelow(2)))];
        Comparison[] five =
            [.. once.SelectMany(c => new[] { c, c, c, c, new Comparison(new Pair(c.Pair.Second, c.Pair.First), 1 - c.Preference) })];

        LabelledMetrics one = LabelledMetrics.Measure(predicted, once), many = LabelledMetrics.Measure(predicted, five);

        Assert.That(many.Accuracy, Is.EqualTo(one.Accuracy).Within(1e-12));
        Assert.That(many.AccuracyLow, Is.EqualTo(one.AccuracyLow).Within(0.005));
        Assert.That(many.AccuracyHigh, Is.EqualTo(one.AccuracyHigh).Within(0.005));
        Assert.That(one.AccuracyHigh - one.AccuracyLow, Is.EqualTo(2 * 1.96 * Math.Sqrt(0.25 / 100)).Within(0.02), "the binomial interval");
        LabelledMetrics perfect = LabelledMetrics.Measure([1, 0], [new(new(0, 1), 1), new(new(1, 0), 0)]);
        Assert.That(perfect.AccuracyLow, Is.GreaterThan(0).And.LessThan(0.5), "one pair proves little");
        Assert.That(perfect.AccuracyHigh, Is.EqualTo(1));
    }

    [Test]
    public void A_label_next_to_a_half_is_no_tie_in_float64()
    {
        LabelledMetrics found = LabelledMetrics.Measure([2, 1], [new(0, 1), new(0, 1), new(0, 1)], [0.5 + 1e-9, 0.5 - 1e-9, 0.5]);
        Assert.That((found.Ties, found.DecidedAccuracy), Is.EqualTo((1, 0.5)));
        Assert.That(() => LabelledMetrics.Measure([2, 1], [new(0, 1)], [double.NaN]), Throws.TypeOf<InputException>());
        Assert.That(() => LabelledMetrics.Measure([2, 1], [new(0, 1)], []), Throws.ArgumentException);
    }
}
