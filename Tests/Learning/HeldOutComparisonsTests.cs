using CsCheck;
using FisherKernels.Kernels;
using FisherKernels.Learning.Metrics;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

public class HeldOutComparisonsTests
{
    [Test]
    public void Drawn_without_repeats_within_prompts_in_order() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 30], Gen.Int[1, 300], Gen.Int).Sample((prompts, responses, perPrompt, seed) =>
        {
            HeldOutComparisons drawn = HeldOutComparisons.Draw(prompts, responses, seed, perPrompt);
            Pair[] pairs = drawn.Pairs.ToArray();
            Assert.That(drawn.Rows, Is.EqualTo(prompts * responses));
            Assert.That(pairs, Has.Length.EqualTo(prompts * Math.Min(perPrompt, responses * (responses - 1) / 2)));
            Assert.That(pairs, Is.Unique);
            Assert.That(pairs.All(p => p.First < p.Second && p.First / responses == p.Second / responses && p.Second < drawn.Rows));
            Assert.That(pairs, Is.EqualTo(pairs.OrderBy(p => p.First).ThenBy(p => p.Second)));
            Assert.That(HeldOutComparisons.Draw(prompts, responses, seed, perPrompt).Pairs.SequenceEqual(pairs));
        });

    [Test]
    public void Every_pair_is_drawn_equally_often()
    {
        // 3 of 10 pairs, 2,000 prompts: 600 each, standard deviation √(2000 · 0.3 · 0.7) = 20.5; the seed is fixed.
        var counts = new int[5, 5];
        foreach (Pair pair in HeldOutComparisons.Draw(2000, 5, seed: 3, perPrompt: 3).Pairs)
        {
            counts[pair.First % 5, pair.Second % 5]++;
        }

        Assert.That(counts.Cast<int>().Where(c => c > 0).ToArray(), Has.Length.EqualTo(10).And.All.InRange(520, 680));
    }

    [Test]
    public void Seeds_and_prompts_differ()
    {
        Assert.That(HeldOutComparisons.Draw(1, 50, 1, 20).Pairs.SequenceEqual(HeldOutComparisons.Draw(1, 50, 2, 20).Pairs), Is.False);
        Pair[] two = HeldOutComparisons.Draw(2, 50, 1, 20).Pairs.ToArray();
        Assert.That(two[..20], Is.Not.EqualTo(two[20..].Select(p => new Pair(p.First - 50, p.Second - 50))));
    }

    [Test]
    public void Soft_and_hard_labels_of_golden_rewards()
    {
        // Three pairs: (0,1) gap −ln 3, (0,2) tie, (1,2) gap ln 3; predictions exactly the golden rewards.
        float ln3 = MathF.Log(3);
        float[] predicted = [0, ln3, 0];
        double[] golden = [0, ln3, 0];
        HeldOutComparisons heldOut = HeldOutComparisons.Draw(1, 3, 0);
        PairMetrics soft = heldOut.Measure(predicted, golden), hard = heldOut.MeasureWinners(predicted, golden);
        double entropy = -(0.75 * Math.Log(0.75) + 0.25 * Math.Log(0.25));

        // 1e-7: ln 3 is rounded to float.
        Assert.That(soft.Accuracy, Is.EqualTo(1));
        Assert.That(soft.LogLoss, Is.EqualTo((2 * entropy + Math.Log(2)) / 3).Within(1e-7));
        Assert.That(soft.CalibrationError, Is.Zero.Within(1e-12));
        Assert.That(hard.Accuracy, Is.EqualTo(1));
        Assert.That(hard.LogLoss, Is.EqualTo((-2 * Math.Log(0.75) + Math.Log(2)) / 3).Within(1e-7));
        Assert.That(hard.CalibrationError, Is.EqualTo(0.5 / 3).Within(1e-7));
    }

    [Test]
    public void Nonsense_is_refused()
    {
        HeldOutComparisons heldOut = HeldOutComparisons.Draw(1, 3, 0);
        Assert.That(() => heldOut.Measure([1, 2], [1, 2]), Throws.ArgumentException.With.Message.Contains("expected 3 of each"));
        Assert.That(
            () => heldOut.Measure([1, 2, float.NaN], [1, 2, 3]), Throws.ArgumentException.With.Property("ParamName").EqualTo("predicted"));
        Assert.That(() => HeldOutComparisons.Draw(100_000, 100_000, 0), Throws.ArgumentException);
        Assert.That(() => HeldOutComparisons.Draw(1, 0, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
