using System.Globalization;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using FisherKernels.Learning.Acquisition;
using NUnit.Framework;

namespace FisherKernels.Tests.Mathematics;

/// <summary>σ, the entropy and the loss of a logit keep their digits over their whole range, where their textbook forms lose
/// them.</summary>
public class LogitTests
{
    private static readonly double[] Logits = [1, 1.5, 2, 3, 5, 8, 12, 17, 20, 30, 34, 36, 37, 38, 40, 50, 100, 300, 700];

    [TestCaseSource(nameof(Logits))]
    public void Entropy_is_right_to_the_last_bits(double x)
    {
        double right = Entropy(x);
        Assert.That(Logit.Entropy(x), Is.EqualTo(right).Within(8).Ulps);
        Assert.That(Logit.Entropy(-x), Is.EqualTo(Logit.Entropy(x)));
    }

    [Test]
    public void Entropy_at_37_is_38_t()
    {
        // log(1 + t) is t there, and double.LogP1(t) is 0: the entropy was 2.6 % low.
        Assert.That(new EntropyAcquisition().Value(-37), Is.EqualTo(38 * Math.Exp(-37)).Within(4).Ulps);
        Assert.That(Logit.Entropy(0), Is.EqualTo(Math.Log(2)).Within(1).Ulps);
        Assert.That(Logit.Entropy(double.PositiveInfinity), Is.Zero);
    }

    [Test]
    public void Probability_and_its_complement_keep_their_digits()
    {
        foreach (double x in Logits)
        {
            Assert.That(Logit.Probability(-x), Is.EqualTo(Math.Exp(-x) / (1 + Math.Exp(-x))).Within(2).Ulps);
            Assert.That(Logit.Probability(x) + Logit.Probability(-x), Is.EqualTo(1).Within(1).Ulps);
        }

        Assert.That(Logit.Probability(-740), Is.GreaterThan(0));
        Assert.That(Logit.Probability(double.NegativeInfinity), Is.Zero);
    }

    [Test]
    public void Entropies_of_draws_are_those_of_single_logits()
    {
        float[] rewards = [0, .. Logits.Select(x => (float)x)];
        Pair[] pairs = [.. Logits.Select((_, i) => new Pair(0, i + 1))];
        Predictions predictions = Predictions.Compute(rewards, pairs, 1);
        for (int i = 0; i < pairs.Length; i++)
        {
            Assert.That(predictions.Entropies(i)[0], Is.EqualTo(Logit.Entropy((float)Logits[i])).Within(1e-13).Percent);
        }
    }

    // H = log(1 + t) + |x| t/(1 + t), in decimals: the series of the logarithm converges for t < 0.4.
    private static double Entropy(double x)
    {
        double t = Math.Exp(-x);
        if (t < 1e-9)
        {
            return t * (1 + x - t * (0.5 + x));
        }

        decimal exact = decimal.Parse(t.ToString("G17", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture),
            power = exact, sum = 0;
        for (int k = 1; k < 100; k++)
        {
            sum += (k % 2 == 1 ? power : -power) / k;
            power *= exact;
        }

        return (double)(sum + (decimal)x * exact / (1 + exact));
    }
}
