using CsCheck;
using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Design;
using FisherKernels.Learning.Selection;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>Every pair without a list, against padopt with the list of all pairs that have no label.</summary>
public class EveryPairTests
{
    private static readonly Backend On = Backend.Open(BackendKind.Cpu);

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void By_hand()
    {
        // Features 0, 1 and 3 of one dimension, v = ¼, λ = ½: M = ½ + (1 + 9 + 4)/4 = 4, g = δ²/16; (0, 2) labelled twice adds 9/4.
        using var phi = On.Upload<float>([0, 1, 3], 3, 1);
        using var r = On.Allocate<float>(3);

        (Pair[] Pairs, float[] Gradient, PrecisionMatrix Precision) choice = EveryPairDesign.Choose(phi, r, [], 2, 0.5);
        Assert.That(choice.Pairs, Is.EqualTo((Pair[])[new(0, 2), new(1, 2)]));
        Assert.That(choice.Gradient, Is.EqualTo([9 / 16f, 4 / 16f]).Within(1e-7));

        choice = EveryPairDesign.Choose(phi, r, [new(0, 2), new(2, 0)], 2, 0.5);
        Assert.That(choice.Pairs, Is.EqualTo((Pair[])[new(1, 2), new(0, 1)]));
        Assert.That(choice.Gradient, Is.EqualTo([4 / 25f, 1 / 25f]).Within(1e-7));
        Assert.That(choice.Precision.Precision[0], Is.EqualTo(6.25).Within(1e-14));
    }

    [Test]
    public void Chooses_what_padopt_chooses_from_the_list() =>
        Gen.Select(Gen.Int, Gen.Int[2, 25], Gen.Int[1, 8], Gen.Int[0, 60]).Sample((seed, responses, d, labels) =>
    {
        var draw = new Draw(seed);
        Pair[] labelled = draw.Pairs(labels, responses);
        using var phi = On.Upload<float>(draw.Uniform(responses, d).Numbers, responses, d);
        using var r = On.Upload<float>(draw.Wide(responses, 1, 3).Numbers, responses);
        Pair[] open =
            [.. Definition.AllPairs(responses).Where(pair => !labelled.Contains(pair) && !labelled.Contains(new(pair.Second, pair.First)))];
        Assert.That(EveryPairDesign.Unlabelled(responses, labelled), Is.EqualTo(open.Length));
        int count = Math.Min(20, open.Length);
        (Pair[] Pairs, float[] Gradient, PrecisionMatrix Precision) choice = EveryPairDesign.Choose(phi, r, labelled, count, 0.01);

        using PairGraph graph = On.Graph(open, responses), past = On.Graph(labelled, responses);
        var context = new CandidateProblem(graph, phi, r) { Past = new PastComparisons(past, phi, r), Ridge = 0.01 };
        double[] g = Strategy.Parse("padopt").Score(context).Values;
        Assert.That(choice.Pairs.Distinct().Count(), Is.EqualTo(count));
        Assert.That(choice.Gradient, Is.EqualTo(g.OrderDescending().Take(count)).Within(1e-6 * g.Append(0).Max()));
        Assert.That(choice.Gradient, Is.EqualTo(choice.Pairs.Select(pair => g[Array.IndexOf(open, pair)]))
            .Within(1e-6 * g.Append(0).Max()));
    }, iter: 150);

    [Test]
    public void No_more_than_have_no_label()
    {
        using var phi = On.Allocate<float>(3, 1);
        using var r = On.Allocate<float>(3);
        Assert.That(() => EveryPairDesign.Choose(phi, r, [new(2, 1)], 3),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith("2 pairs have no label."));
        Assert.That(EveryPairDesign.Choose(phi, r, [new(2, 1)], 2).Pairs, Is.EqualTo((Pair[])[new(0, 1), new(0, 2)]));
    }
}
