using FisherKernels.Experiments.Loop;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>A pair and its turned one are one question.</summary>
public class AnnotatorTests
{
    [Test]
    public async Task A_golden_annotator_turns_its_answer_with_the_pair([Values] AnswerNoise noise)
    {
        var random = new SeededRandom(1);
        double[] rewards = [.. Enumerable.Range(0, 50).Select(_ => random.NextNormal())];
        Pair[] pairs =
            [.. Enumerable.Range(0, 200).Select(i => new Pair(i % 50, (i * 7 + 1 + i / 50) % 50)).Where(pair => pair.First != pair.Second)];
        Pair[] turned = [.. pairs.Select(pair => new Pair(pair.Second, pair.First))];
        var annotator = new GoldenAnnotator(rewards, 5, noise);

        IReadOnlyList<Comparison> one = await annotator.CompareAsync(pairs), other = await annotator.CompareAsync(turned);

        Assert.That(one.Zip(other, (a, b) => a.Preference + b.Preference), Is.All.EqualTo(1));
    }

    [Test]
    public async Task Golden_rewards_are_told_apart_as_float64()
    {
        IReadOnlyList<Comparison> exact = await new GoldenAnnotator([1e9, 1e9 + 1], 0, AnswerNoise.None)
            .CompareAsync([new(0, 1), new(1, 0)]);
        Assert.That(exact.Select(answer => answer.Preference), Is.EqualTo([0f, 1f]));
    }

    [Test]
    public async Task Golden_rewards_whose_difference_is_infinite_are_answered([Values] AnswerNoise noise)
    {
        var annotator = new GoldenAnnotator([1.5e308, -1.5e308, double.NaN], 0, noise);
        IReadOnlyList<Comparison> answers = await annotator.CompareAsync([new(0, 1), new(1, 0)]);
        Assert.That(answers.Select(answer => answer.Preference), Is.EqualTo([1f, 0f]));
        Assert.That(() =>
            annotator.CompareAsync([new(0, 2)]), Throws.TypeOf<InputException>().With.Message.Contains("both must be finite"));
    }

    [TestCase(float.NaN)]
    [TestCase(1.1f)]
    [TestCase(-1)]
    public void A_recorded_label_that_is_none_is_refused(float label) =>
        Assert.That(
            () => new RecordedAnnotator([new(new Pair(0, 1), 1), new(new Pair(3, 2), label)]),
            Throws.TypeOf<InputException>().With.Message.Contains("of pair (3, 2)"));

    [Test]
    public async Task What_was_recorded_last_holds_either_way_round()
    {
        var annotator = new RecordedAnnotator([new(new Pair(0, 1), 1), new(new Pair(1, 0), 0.9f), new(new Pair(2, 3), 0.1f)]);

        IReadOnlyList<Comparison> answers = await annotator.CompareAsync([new(0, 1), new(1, 0), new(2, 3), new(3, 2)]);

        Assert.That(answers.Select(answer => answer.Preference), Is.EqualTo([1 - 0.9f, 0.9f, 0.1f, 1 - 0.1f]));
        Assert.That(answers.Select(answer => answer.Pair), Is.EqualTo([new Pair(0, 1), new Pair(1, 0), new Pair(2, 3), new Pair(3, 2)]));
    }
}
