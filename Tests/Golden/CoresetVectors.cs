using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Clustering;
using NUnit.Framework;

namespace FisherKernels.Tests.Golden;

/// <summary>k-means and sensitivities against the published code's, in higher precision.</summary>
public class CoresetVectors
{
    private const string Rule = "the vectors' own rule";

    private static readonly string[] Names =
        ["coreset_n200_d8_k4", "coreset_n2000_d16_k10", "coreset_n3000_d64_k10", "coreset_empty", "coreset_singleton"];

    [TestCaseSource(nameof(Names))]
    public void One_iteration_gives_centres_and_labels(string name)
    {
        var golden = new GoldenCase(name);

        Clusters found = KMeans.Lloyd(Points(golden), golden.Array("start"), 1);

        Expect.Close(found.Centres, golden.Array("centres"), new(1e-12, Rule), "centres");
        Assert.That(found.Labels, Is.EqualTo(golden.Array("labels")));
        IEnumerable<int> sizes = Enumerable.Range(0, golden.Axis("start", 0)).Select(k => found.Labels.Count(label => label == k));
        Assert.That(sizes, Is.EqualTo(golden.Array("sizes")));
        Assert.That(found.Inertia, Is.EqualTo(golden.Scalar("inertia")).Within(1e-12).Percent);
    }

    [Test]
    public void Sensitivities_at_both_radii([ValueSource(nameof(Names))] string name, [Values] bool leavesOut)
    {
        var golden = new GoldenCase(name);
        PairPoints points = Points(golden);
        bool given = golden.Has("centres_used");
        var clusters = new Clusters(
            golden.Array(given ? "centres_used" : "centres"),
            [.. golden.Array(given ? "labels_used" : "labels").Select(label => (int)label)],
            golden.Scalar(given ? "inertia_used" : "inertia"));
        string variant = leavesOut ? "exact" : "fast";
        foreach ((string radius, double asked) in ((string, double)[])[("r1", 1), ("adaptive", 0), ("adaptive", -3)])
        {
            double used = CoresetAcquisition.ComputeRadius(asked, clusters.Inertia, points.Count);

            Assert.That(used, Is.EqualTo(golden.Scalar("radius_" + radius)).Within(1e-12).Percent);
            Expect.Close(
                Sensitivities(points, clusters, used, leavesOut), golden.Array($"sensitivity_{variant}_{radius}"),
                new(golden.Allowed($"{variant}_{radius}"), Rule), $"{variant}, R = {asked}");
        }
    }

    [TestCaseSource(nameof(Names))]
    public void Chances_and_the_draw_by_them(string name)
    {
        var golden = new GoldenCase(name);
        bool given = golden.Has("centres_used");
        PairPoints points = Points(golden);
        var clusters = new Clusters(
            golden.Array(given ? "centres_used" : "centres"),
            [.. golden.Array(given ? "labels_used" : "labels").Select(label => (int)label)],
            0);
        var coreset = new CoresetAcquisition();

        // As +sample weighs: values of float32 scores, up to the factor that every chance shares.
        double[] values = [.. CoresetAcquisition.LogRest(points, clusters, 1, false).Select(value => coreset.Value((float)-value))];
        double sum = values.Sum();
        Tolerance single = new(1e-6, "float32 scores") { OfEach = true };
        Expect.Close([.. values.Select(value => value / sum)], golden.Array("probability"), single, "probability");

        double[] exact = Sensitivities(points, clusters, 1, false), uniform = golden.Array("uniform");
        double[] chances = [.. exact.Select(value => value / exact.Sum())];
        Expect.Close(chances, golden.Array("probability"), new(1e-12, Rule), "probability");
        var cumulated = new double[points.Count];
        KMeans.Cumulate(chances, cumulated);
        int[] drawn = [.. uniform.Select(share => KMeans.Draw(cumulated, share))];
        Assert.That(drawn, Is.EqualTo(golden.Array("sampled")));
        Expect.Close([.. drawn.Select(i => 1 / (drawn.Length * chances[i]))], golden.Array("weight"), new(1e-12, Rule), "weight");
    }

    [TestCase("coreset_plusplus")]
    public void Seeding_takes_the_same_points(string name)
    {
        var golden = new GoldenCase(name);
        double[] uniform = golden.Array("uniform");
        int next = 0, clusters = golden.Axis("chosen", 0);

        int[] chosen = KMeans.Seed(Points(golden), clusters, KMeans.Trials(clusters), (int)golden.Array("first")[0], () => uniform[next++]);

        Assert.That(chosen, Is.EqualTo(golden.Array("chosen")));
        Assert.That(next, Is.EqualTo(uniform.Length));
    }

    private static double[] Sensitivities(PairPoints points, Clusters clusters, double radius, bool leavesOut) =>
        [.. CoresetAcquisition.LogRest(points, clusters, radius, leavesOut).Select(value => points.Count / (1 + Math.Exp(value)))];

    // Row i against a last row of zeros.
    private static PairPoints Points(GoldenCase golden)
    {
        int n = golden.Axis("data", 0), d = golden.Axis("data", 1);
        return new PairPoints(
            [.. Enumerable.Range(0, n).Select(i => new Pair(i, n))],
            (float[])[.. golden.Array("data").Select(x => (float)x), .. new float[d]], d);
    }
}
