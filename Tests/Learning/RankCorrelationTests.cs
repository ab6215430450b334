using CsCheck;
using FisherKernels.Learning.Metrics;
using FisherKernels.Tests.Golden;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

public class RankCorrelationTests
{
    // Few distinct values, so that ties are the rule.
    private static readonly Gen<(double[] X, double[] Y)> Lists =
        Gen.Int[2, 12].SelectMany(n => Gen.Select(Gen.Int[-4, 4].Select(i => (double)i).Array[n], Gen.Double[-1, 1].Array[n]));

    [TestCase("spearman_ties")]
    [TestCase("spearman_constant")]
    [TestCase("spearman_reversed")]
    [TestCase("spearman_n5")]
    [TestCase("spearman_n100")]
    [TestCase("spearman_n5000")]
    public void Agrees_with_the_golden_vectors(string name)
    {
        var golden = new GoldenCase(name);
        double rho = RankCorrelation.Spearman(golden.Array("x"), golden.Array("y"));
        Assert.That(rho, Is.EqualTo(golden.Scalar("tie_corrected")).Within(1e-12));
    }

    [Test]
    public void By_hand_with_a_tie()
    {
        // Ranks (1, 2.5, 2.5, 4) and (1, 3, 2, 4), centred (−1.5, 0, 0, 1.5) and (−1.5, 0.5, −0.5, 1.5): 4.5/√(4.5 · 5).
        double rho = RankCorrelation.Spearman([1, 2, 2, 3], [10, 30, 20, 40f]);
        Assert.That(rho, Is.EqualTo(4.5 / Math.Sqrt(22.5)).Within(1e-15));
    }

    [Test]
    public void The_shortcut_without_ties() =>
        Gen.Int[2, 30]
            .SelectMany(n => Gen.Select(Gen.Shuffle(Enumerable.Range(0, n).ToArray()), Gen.Shuffle(Enumerable.Range(0, n).ToArray())))
            .Sample((x, y) =>
            {
                double n = x.Length, d2 = x.Zip(y, (a, b) => (double)(a - b) * (a - b)).Sum();
                double rho = RankCorrelation.Spearman(x.Select(a => (double)a).ToArray(), y.Select(b => (double)b).ToArray());
                Assert.That(rho, Is.EqualTo(1 - 6 * d2 / (n * (n * n - 1))).Within(1e-12));
            });

    [Test]
    public void Symmetric_bounded_and_blind_to_monotone_transforms() => Lists.Sample((x, y) =>
    {
        double rho = RankCorrelation.Spearman(x, y);
        Assert.That(RankCorrelation.Spearman(y, x), Is.EqualTo(rho));
        Assert.That(RankCorrelation.Spearman(x.Select(a => Math.Exp(a) - 7).ToArray(), y), Is.EqualTo(rho));
        Assert.That(RankCorrelation.Spearman(x.Select(a => -a).ToArray(), y), Is.EqualTo(-rho).Within(1e-12));
        Assert.That(double.IsNaN(rho) || Math.Abs(rho) <= 1);
        Assert.That(double.IsNaN(rho), Is.EqualTo(x.Distinct().Count() == 1 || y.Distinct().Count() == 1));
    });

    [Test]
    public void Infinities_are_ranked_and_zeros_of_both_signs_are_equal()
    {
        Assert.That(RankCorrelation.Spearman([double.NegativeInfinity, 0, double.PositiveInfinity], [1, 2, 3d]), Is.EqualTo(1)
            .Within(1e-15));
        Assert.That(RankCorrelation.Spearman([0.0, -0.0], [1, 2d]), Is.NaN);
    }

    [TestCase(new double[] { }, new double[] { })]
    [TestCase(new double[] { 1 }, new double[] { 1 })]
    [TestCase(new double[] { 1, 2 }, new double[] { 3, 3 })]
    public void Nothing_to_rank_is_NaN(double[] x, double[] y) => Assert.That(RankCorrelation.Spearman(x, y), Is.NaN);

    [Test]
    public void The_mean_leaves_constant_golden_rewards_out_and_counts_constant_predictions_as_zero()
    {
        // Prompts: in order (1); golden constant (left out); predictions constant (0); reversed (−1/2 by the ranks 1 2 3 against 2 3 1).
        float[] predicted = [1, 2, 3, 1, 2, 3, 5, 5, 5, 1, 2, 3];
        float[] golden = [4, 5, 6, 7, 7, 7, 1, 2, 3, 2, 3, 1];
        Assert.That(RankCorrelation.MeanSpearman(predicted, golden, 3), Is.EqualTo((1 + 0 - 0.5) / 3).Within(1e-15));
        Assert.That(RankCorrelation.MeanSpearman(predicted.AsSpan(3, 3), golden.AsSpan(3, 3), 3), Is.NaN);
        Assert.That(RankCorrelation.MeanSpearman([1f, 2], [1f, 2], 1), Is.NaN);
    }

    [Test]
    public void Nonsense_is_refused()
    {
        Assert.That(() =>
            RankCorrelation.Spearman([1, double.NaN], [1, 2d]), Throws.ArgumentException.With.Message.StartsWith("x[1] is NaN"));
        Assert.That(() =>
            RankCorrelation.Spearman([1, 2, 3d], [1, 2d]), Throws.ArgumentException.With.Message.StartsWith("One list has 3"));
        Assert.That(() => RankCorrelation.MeanSpearman([float.NaN, 1], [1f, 2], 2),
            Throws.ArgumentException.With.Message.StartsWith("predicted[0] is NaN"));
        Assert.That(() =>
            RankCorrelation.MeanSpearman([1f, 2, 3], [1f, 2, 3], 2), Throws.ArgumentException.With.Message.StartsWith("3 rewards"));
    }
}
