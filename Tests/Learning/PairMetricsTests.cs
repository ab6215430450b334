using CsCheck;
using FisherKernels.Learning.Metrics;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

public class PairMetricsTests
{
    private static readonly double Ln3 = Math.Log(3);

    [Test]
    public void By_hand()
    {
        // p = 3/4, 1/4, 1/2, 3/4; labels: right, wrong, decided against a predicted tie, golden tie.
        PairMetrics found = PairMetrics.Measure([Ln3, -Ln3, 0, Ln3], [1, 1, 0, 0.5]);
        Assert.That(found.Pairs, Is.EqualTo(4));
        Assert.That(found.Accuracy, Is.EqualTo((1 + 0 + 0.5) / 3).Within(1e-15));
        double expected = -(Math.Log(0.75) + Math.Log(0.25) + Math.Log(0.5) + 0.5 * (Math.Log(0.75) + Math.Log(0.25))) / 4;
        Assert.That(found.LogLoss, Is.EqualTo(expected).Within(1e-15));
        // Confidence 3/4 three times with 1, 0 and ½ preferred: |2.25 − 1.5|; the predicted tie is calibrated.
        Assert.That(found.CalibrationError, Is.EqualTo(0.75 / 4).Within(1e-15));
    }

    [Test]
    public void Which_response_stands_first_changes_nothing() =>
        Gen.Select(Gen.Double[-9, 9], Gen.Double[0, 1]).Array[1, 50].Sample(pairs =>
        {
            PairMetrics one = PairMetrics.Measure(pairs.Select(p => p.Item1).ToArray(), pairs.Select(p => p.Item2).ToArray());
            PairMetrics other = PairMetrics.Measure(pairs.Select(p => -p.Item1).ToArray(), pairs.Select(p => 1 - p.Item2).ToArray());
            Assert.That(other.Accuracy, Is.EqualTo(one.Accuracy));
            Assert.That(other.LogLoss, Is.EqualTo(one.LogLoss).Within(1e-12));
            Assert.That(other.CalibrationError, Is.EqualTo(one.CalibrationError).Within(1e-12));
            Assert.That(one.CalibrationError, Is.InRange(0, 1));
        });

    [Test]
    public void The_truth_is_calibrated_and_has_the_least_loss() =>
        Gen.Double[-9, 9].Array[1, 50].Sample(logits =>
        {
            double[] labels = [.. logits.Select(x => 1 / (1 + Math.Exp(-x)))];
            PairMetrics truth = PairMetrics.Measure(logits, labels);
            Assert.That(truth.CalibrationError, Is.LessThan(1e-12));
            Assert.That(truth.LogLoss, Is.LessThanOrEqualTo(PairMetrics.Measure([.. logits.Select(x => 1.5 * x + 0.1)], labels).LogLoss));
        });

    [Test]
    public void A_confident_mistake_costs_its_logit_and_nothing_overflows()
    {
        PairMetrics found = PairMetrics.Measure([1e30, -800], [0, 0]);
        Assert.That(found.LogLoss, Is.EqualTo(0.5e30).Within(1e15));
        // Certain twice, right once: |2 − 1| of two.
        Assert.That(found.CalibrationError, Is.EqualTo(0.5));
    }

    [Test]
    public void Nothing_measured_is_NaN()
    {
        PairMetrics none = PairMetrics.Measure([], []);
        Assert.That(none.Pairs, Is.Zero);
        Assert.That(new[] { none.Accuracy, none.LogLoss, none.CalibrationError }, Is.All.NaN);
        Assert.That(PairMetrics.Measure([1], [0.5]).Accuracy, Is.NaN);
    }

    [Test]
    public void Nonsense_is_refused()
    {
        Assert.That(() => PairMetrics.Measure([double.NaN], [1]), Throws.ArgumentException.With.Message.StartsWith("logits[0] is NaN"));
        Assert.That(() => PairMetrics.Measure([1], [1.5]), Throws.ArgumentException.With.Message.StartsWith("labels[0] is 1.5"));
        Assert.That(() => PairMetrics.Measure([1], [double.NaN]), Throws.ArgumentException);
        Assert.That(() => PairMetrics.Measure([1, 2], [1]), Throws.ArgumentException);
    }
}
