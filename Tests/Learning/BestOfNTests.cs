using System.Numerics;
using CsCheck;
using FisherKernels.Learning.Metrics;
using FisherKernels.Tests.Golden;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

public class BestOfNTests
{
    [TestCase("bon_b7_n120")]
    [TestCase("bon_b20_n500")]
    public void Agrees_with_the_golden_vectors(string name)
    {
        var golden = new GoldenCase(name);
        int prompts = golden.Axis("guess", 0), responses = golden.Axis("guess", 1);
        double[] guess = golden.Array("guess"), truth = golden.Array("truth"), expectation = golden.Array("expectation");
        int[] sizes = [.. golden.Parameters.GetProperty("best_of").EnumerateArray().Select(n => n.GetInt32())];
        for (int prompt = 0; prompt < prompts; prompt++)
        {
            for (int s = 0; s < sizes.Length; s++)
            {
                double found =
                    BestOfN.Expected(guess.AsSpan(prompt * responses, responses), truth.AsSpan(prompt * responses, responses), sizes[s]);
                Assert.That(found, Is.EqualTo(expectation[prompt * sizes.Length + s]).Within(1e-12), $"prompt {prompt}, N = {sizes[s]}");
            }
        }

        double[] mean = BestOfN.MeanExpected(guess, truth, responses, sizes);
        for (int s = 0; s < sizes.Length; s++)
        {
            Assert.That(mean[s], Is.EqualTo(Enumerable.Range(0, prompts).Average(prompt => expectation[prompt * sizes.Length + s]))
                .Within(1e-12));
        }
    }

    [Test]
    public void By_hand()
    {
        // Best first: 5, 3, 1 (golden 2, 8, 4). N = 2: the best wins in 2 of 3 draws, the second in 1.
        Assert.That(BestOfN.Expected([3f, 5, 1], [8f, 2, 4], 2), Is.EqualTo((2 * 2 + 8) / 3.0).Within(1e-15));
        Assert.That(BestOfN.Expected([3f, 5, 1], [8f, 2, 4], 1), Is.EqualTo(14 / 3.0).Within(1e-15));
        Assert.That(BestOfN.Expected([3f, 5, 1], [8f, 2, 4], 3), Is.EqualTo(2));
        Assert.That(BestOfN.Expected([3f, 5, 1], [8f, 2, 4], 500), Is.EqualTo(2));
    }

    [Test]
    public void Is_the_average_over_all_draws_and_over_tied_predictions() =>
        Gen.Int[1, 8].SelectMany(k => Gen.Select(Gen.Int[0, 3].Select(i => (double)i).Array[k], Gen.Double[-5, 5].Array[k], Gen.Int[1, k]))
            .Sample((predicted, golden, n) =>
            {
                double sum = 0;
                int draws = 0;
                for (uint draw = 0; draw < 1u << predicted.Length; draw++)
                {
                    if (BitOperations.PopCount(draw) == n)
                    {
                        int[] drawn = [.. Enumerable.Range(0, predicted.Length).Where(i => (draw >> i & 1) != 0)];
                        double best = drawn.Max(i => predicted[i]);
                        sum += drawn.Where(i => predicted[i] == best).Average(i => golden[i]);
                        draws++;
                    }
                }

                Assert.That(BestOfN.Expected(predicted, golden, n), Is.EqualTo(sum / draws).Within(1e-12));
            });

    [Test]
    public void Blind_to_monotone_transforms_and_never_better_than_the_golden_reward_itself() =>
        Gen.Int[1, 40]
            .SelectMany(k => Gen.Select(Gen.Int[-9, 9].Select(i => (double)i).Array[k], Gen.Double[-5, 5].Array[k], Gen.Int[1, 50]))
            .Sample((predicted, golden, n) =>
            {
                double found = BestOfN.Expected(predicted, golden, n);
                Assert.That(BestOfN.Expected(predicted.Select(r => Math.Exp(r) + 3).ToArray(), golden, n), Is.EqualTo(found));
                Assert.That(found, Is.LessThanOrEqualTo(BestOfN.Expected(golden, golden, n) + 1e-12));
                Assert.That(found, Is.InRange(golden.Min() - 1e-12, golden.Max() + 1e-12));
            });

    [Test]
    public void The_chances_sum_to_one_at_the_papers_sizes([Values(1, 2, 5, 250, 499, 500)] int n)
    {
        double[] predicted = [.. Enumerable.Range(0, 500).Select(i => (double)(i * 7919 % 500))], ones = [.. predicted.Select(_ => 1.0)];
        Assert.That(BestOfN.Expected(predicted, ones, n), Is.EqualTo(1).Within(1e-12));
    }

    [TestCase(1, new[] { 1 })]
    [TestCase(4, new[] { 4 })]
    [TestCase(5, new[] { 5 })]
    [TestCase(57, new[] { 5, 10, 30, 50 })]
    [TestCase(500, new[] { 5, 10, 30, 50, 100, 300, 500 })]
    [TestCase(9000, new[] { 5, 10, 30, 50, 100, 300, 500 })]
    public void The_papers_sizes_up_to_the_responses(int responses, int[] expected) =>
        Assert.That(BestOfN.Sizes(responses), Is.EqualTo(expected));

    [Test]
    public void The_largest_rewards_do_not_overflow()
    {
        Assert.That(BestOfN.Expected([1.0, 1, 1], [1.5e308, 1.5e308, 1.2e308], 2), Is.EqualTo(1.4e308).Within(1e295));
        Assert.That(
            BestOfN.MeanExpected((double[])[1, 2, 2, 1, 1, 2], [1.5e308, -1.5e308, 1.5e308, 1.5e308, 1.5e308, 1.5e308], 2, 2)[0],
            Is.EqualTo(0.5e308).Within(1e295));
    }

    [Test]
    public void Nonsense_is_refused()
    {
        Assert.That(() =>
            BestOfN.Expected([1, float.NaN], [1f, 2], 1), Throws.ArgumentException.With.Property("ParamName").EqualTo("predicted"));
        Assert.That(() => BestOfN.Expected([1f, 2], [float.PositiveInfinity, 2], 1),
            Throws.ArgumentException.With.Message.StartsWith("golden[0] is Infinity"));
        Assert.That(() => BestOfN.Expected([1f, 2], [1f, 2], 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => BestOfN.Expected(ReadOnlySpan<float>.Empty, [], 1), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => BestOfN.MeanExpected(ReadOnlySpan<float>.Empty, [], 3, 1), Throws.InstanceOf<ArgumentException>());
    }
}
