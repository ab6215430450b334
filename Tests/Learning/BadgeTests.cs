using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Selection;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>k-means++ on gradient embeddings, by hand and in proportion.</summary>
public class BadgeTests
{
    private static readonly Backend On = Backend.Open(BackendKind.Cpu);

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void A_score_is_the_length_of_the_gradient_at_the_predicted_answer()
    {
        // δ = (3, 4); p = ½, and p = 3/4 or 1/4 at a gap of ln 3: both have min(p, 1 − p) = ¼.
        float gap = MathF.Log(3);
        using var phi = On.Upload<float>([0, 0, 3, 4, 3, 4, 3, 4], 4, 2);
        using var r = On.Upload<float>([0, 0, gap, -gap], 4);
        using PairGraph graph = On.Graph([new(0, 1), new(2, 0), new(3, 0)], 4);

        Assert.That(Strategy.Parse("badge").Score(new CandidateProblem(graph, phi, r)).Values, Is.EqualTo((double[])[2.5, 1.25, 1.25])
            .Within(1e-6));
    }

    [Test]
    public void The_longest_comes_first_and_the_next_in_proportion_to_the_squared_distance()
    {
        // Gradients −4, −1, 1 and 2 by hand (½ of the differences, the lower row first): from −4 the others lie 3, 5 and 6 away.
        using var phi = On.Upload<float>([-8, -2, 2, 4, 0], 5, 1);
        using var r = On.Allocate<float>(5);
        using PairGraph graph = On.Graph([.. Enumerable.Range(0, 4).Select(i => new Pair(i, 4))], 5);
        const int Draws = 7_000;
        var counts = new int[4];
        for (int seed = 0; seed < Draws; seed++)
        {
            Batch picked = Strategy.Parse("badge").Select(new CandidateProblem(graph, phi, r) { Random = new SeededRandom(seed) }, 2);
            Assert.That(picked.Indices[0], Is.Zero);
            Assert.That(picked.Values, Is.EqualTo((double[])[4, picked.Indices[1] switch { 1 => 3, 2 => 5, _ => 6 }]));
            counts[picked.Indices[1]]++;
        }

        double[] want = [.. ((int[])[9, 25, 36]).Select(square => Draws * square / 70.0)];
        double chi2 = Enumerable.Range(0, 3).Sum(i => Math.Pow(counts[i + 1] - want[i], 2) / want[i]);
        Assert.That(chi2, Is.LessThan(13.8), "χ² of 2 degrees of freedom exceeds 13.8 once in a thousand; the seeds are fixed");
    }

    [Test]
    public void Copies_come_after_everything_that_differs()
    {
        // Eight copies of one pair, and one other: a batch of two never holds two copies, and all can be asked for.
        using var phi = On.Upload<float>([0, 3, 1], 3, 1);
        using var r = On.Allocate<float>(3);
        using PairGraph graph = On.Graph([.. Enumerable.Repeat(new Pair(0, 1), 4), new(0, 2), .. Enumerable.Repeat(new Pair(0, 1), 4)], 3);
        for (int seed = 0; seed < 20; seed++)
        {
            var context = new CandidateProblem(graph, phi, r) { Random = new SeededRandom(seed) };
            Assert.That(Strategy.Parse("badge").Select(context, 9).Indices, Is.EqualTo((int[])[0, 4, 1, 2, 3, 5, 6, 7, 8]));
        }
    }

    [Test]
    public void Features_that_overflowed_are_an_error()
    {
        using var phi = On.Upload<float>([0, float.PositiveInfinity, 1], 3, 1);
        using var r = On.Allocate<float>(3);
        using PairGraph graph = On.Graph([new(0, 2), new(0, 1)], 3);

        Assert.That(() => Strategy.Parse("badge").Select(new CandidateProblem(graph, phi, r), 1), Throws.TypeOf<ScoreException>());
    }
}
