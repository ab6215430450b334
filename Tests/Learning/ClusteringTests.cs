using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Clustering;
using FisherKernels.Learning.Selection;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>k-means on pairs, and what is chosen by it.</summary>
public class ClusteringTests
{
    private static readonly Backend On = Backend.Open(BackendKind.Cpu);

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void Points_are_scaled_differences()
    {
        PairPoints points = new((Pair[])[new(0, 1), new(1, 0)], (float[])[1, 2, 3, 4, 5, 10, 10, 10, 10, 10], 5, [2, 0.5]);
        var x = new double[5];
        points.Write(0, x);
        Assert.That(x, Is.EqualTo((double[])[-18, -16, -14, -12, -10]));
        Assert.That(points.Distance2(0, x), Is.Zero);
        Assert.That(points.Distance2(1, new double[5]), Is.EqualTo((81 + 64 + 49 + 36 + 25) / 4.0));
    }

    // Widths below, at and past a vector; an offset a million times the differences; centres on a point, near one and far off.
    [TestCase(1, 0f)]
    [TestCase(7, 0f)]
    [TestCase(8, 1e6f)]
    [TestCase(33, 1e3f)]
    public void Distances_over_responses_are_those_of_the_points(int d, float offset)
    {
        var random = new SeededRandom(d);
        float[] phi = [.. Enumerable.Range(0, 40 * d).Select(_ => offset + (float)random.NextNormal())];
        Pair[] pairs = [.. Enumerable.Range(0, 120).Select(_ => new Pair(random.NextBelow(20), 20 + random.NextBelow(20)))];
        var points = new PairPoints(pairs, phi, d, [.. pairs.Select(_ => random.NextUniform() + 0.1)]);
        var centres = new double[5 * d];
        for (int k = 0; k < 5; k++)
        {
            points.Write(10 * k, centres.AsSpan(k * d, d));
        }

        centres[2 * d] += 1e-7;
        centres[3 * d] += 1e5;
        var distances2 = new double[5 * 120];

        points.ComputeDistances2(centres, distances2);

        for (int k = 0; k < 5; k++)
        {
            for (int i = 0; i < 120; i++)
            {
                double[] x = new double[d];
                points.Write(i, x);
                double want = x.Select((number, j) => Math.Pow(number - centres[k * d + j], 2)).Sum();
                Assert.That(distances2[k * 120 + i], Is.EqualTo(want).Within(1e-11 * (want + 1e-30)), $"{i} from {k}");
            }
        }

        Assert.That((distances2[0], distances2[120 + 10]), Is.EqualTo((0.0, 0.0)));
    }

    [Test]
    public void Iterations_lower_the_inertia_until_nothing_moves()
    {
        PairPoints points = Line([0, 1, 2, 10, 11, 12, 50]);
        double[] start = [0, 1, 2];

        double[] inertia = [.. Enumerable.Range(0, 8).Select(iterations => KMeans.Lloyd(points, start, iterations).Inertia)];
        Clusters found = KMeans.Lloyd(points, start, 100);

        Assert.That(inertia, Is.Ordered.Descending);
        Assert.That(found.Centres, Is.EqualTo((double[])[1, 11, 50]).Within(1e-12));
        Assert.That(found.Labels, Is.EqualTo((int[])[0, 0, 0, 1, 1, 1, 2]));
        Assert.That(found.Inertia, Is.EqualTo(4).Within(1e-12));
    }

    [TestCase(
        new float[] { 0, 1, 9, 9.5f, 20 }, new double[] { 0, 8, 60, 1000, 1001 }, new double[] { 0, 9, 20, 9.5, 1 },
        TestName = "Centres_without_points_move_to_the_farthest_points")]
    [TestCase(
        new float[] { 0, 0.5f, 30 }, new double[] { 0, 20, 1000 }, new double[] { 0, 30, 0.5 },
        TestName = "A_point_that_is_its_cluster_stays_in_it")]
    [TestCase(new float[] { 3, 3, 3 }, new double[] { 3, 3, 3 }, new double[] { 3, 3, 3 }, TestName = "Equal_points_share_their_place")]
    public void Lloyd_moves(float[] line, double[] start, double[] centres) =>
        Assert.That(KMeans.Lloyd(Line(line), start, 1).Centres, Is.EqualTo(centres).Within(1e-12));

    [Test]
    public void Every_second_pair_turned_round_changes_nothing([Values("coreset", "coreset+sample", "badge", "badge+sample")] string name)
    {
        const int R = 40, Width = 5, N = 150;
        var draw = new Draw(9);
        Matrix<float> features = draw.Uniform(R, Width), rewards = draw.Uniform(R);
        Pair[] pairs = draw.Pairs(N, R);
        using DeviceArray<float> phi = On.Upload<float>(features.Numbers, R, Width);
        using DeviceArray<float> r = On.Upload<float>(rewards.Numbers, R), level = On.Allocate<float>(R);
        Pair[] half = [.. pairs.Select((pair, i) => i % 2 == 0 ? pair : new Pair(pair.Second, pair.First))];
        using PairGraph graph = On.Graph(pairs, R), turned = On.Graph(half, R);
        foreach (DeviceArray<float> by in (DeviceArray<float>[])[r, level])
        {
            Batch Pick(PairGraph of) => Strategy.Parse(name).Select(new CandidateProblem(of, phi, by) { Random = new SeededRandom(4) }, 30);
            Assert.That(Pick(turned).Indices, Is.EqualTo(Pick(graph).Indices));
        }
    }

    [Test]
    public void Threads_change_no_score_and_no_choice([Values("coreset", "badge")] string name, [Values(20, 70)] int width)
    {
        // Enough work for a backend to share, at widths that vectors divide and do not.
        const int R = 700, N = 3000;
        var draw = new Draw(5);
        Matrix<float> features = draw.Uniform(R, width), rewards = draw.Uniform(R);
        Pair[] pairs = draw.Pairs(N, R);
        (double[] Values, int[] Numbers) With(int threads)
        {
            using var on = Backend.Open(BackendKind.Cpu, threads);
            using DeviceArray<float> phi = on.Upload<float>(features.Numbers, R, width), r = on.Upload<float>(rewards.Numbers, R);
            using PairGraph graph = on.Graph(pairs, R);
            CandidateProblem Context() => new(graph, phi, r) { Random = new SeededRandom(4) };
            return (Strategy.Parse(name).Score(Context()).Values, Strategy.Parse(name).Select(Context(), 50).Indices);
        }

        (double[] values, int[] numbers) = With(1);
        (double[] shared, int[] chosen) = With(3);

        Assert.That(shared, Is.EqualTo(values));
        Assert.That(chosen, Is.EqualTo(numbers));
    }

    [Test]
    public void What_is_disposed_is_refused([Values("coreset", "badge")] string name)
    {
        DeviceArray<float> phi = On.Allocate<float>(2, 1);
        using DeviceArray<float> r = On.Allocate<float>(2);
        using PairGraph graph = On.Graph([new(0, 1)], 2);
        phi.Dispose();
        Assert.That(() => Strategy.Parse(name).Score(new CandidateProblem(graph, phi, r)), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Sums_over_responses_are_those_of_the_points([Values(1, 7, 33)] int d, [Values(0f, 1e6f)] float offset)
    {
        // Scales of every pair, and a cluster without points.
        var random = new SeededRandom(d);
        float[] phi = [.. Enumerable.Range(0, 600 * d).Select(_ => offset + (float)random.NextNormal())];
        Pair[] pairs = [.. Enumerable.Range(0, 900).Select(_ => new Pair(random.NextBelow(300), 300 + random.NextBelow(300)))];
        var points = new PairPoints(pairs, phi, d, [.. pairs.Select(_ => random.NextUniform() + 0.1)]);
        int[] labels = [.. pairs.Select(_ => 2 * random.NextBelow(2))];
        double[] sums = new double[3 * d], want = new double[3 * d], x = new double[d];
        for (int i = 0; i < pairs.Length; i++)
        {
            points.Write(i, x);
            for (int j = 0; j < d; j++)
            {
                want[labels[i] * d + j] += x[j];
            }
        }

        points.ComputeSums(labels, sums);

        Assert.That(sums, Is.EqualTo(want).Within(1e-10));
    }

    [Test]
    public void Points_belong_to_the_nearest_centre_the_lower_of_equal_ones([Values(1, 1024, 1500)] int n)
    {
        // More centres than go together, and each of them twice.
        const int R = 60, D = 3;
        var draw = new Draw(6);
        int clusters = Math.Min(21, n);
        var points = new PairPoints(draw.Pairs(n, R), draw.Whole(R, D).Numbers, D);
        int[] seeds = KMeans.Seed(points, clusters, KMeans.Trials(clusters), 0, new SeededRandom(1).NextUniform);
        double[] centres = KMeans.CentresAt(points, seeds);

        Clusters found = KMeans.Lloyd(points, [.. centres, .. centres], 0);

        double Distance2(int i, int k) => points.Distance2(i, centres.AsSpan(k * D, D));
        double[] nearest2 = [.. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, clusters).Min(k => Distance2(i, k)))];
        Assert.That(found.Labels, Is.All.LessThan(clusters));
        Assert.That(found.Labels.Select((k, i) => Distance2(i, k)), Is.EqualTo(nearest2).Within(1e-10));
        Assert.That(found.Inertia, Is.EqualTo(nearest2.Sum()).Within(1e-12).Percent);
    }

    [Test]
    public void Sensitivity_is_largest_far_from_everything_else()
    {
        // Two heaps of ten, and two pairs on their own at different distances.
        float[] line = [.. Enumerable.Range(0, 10).Select(j => 1 + j / 100f), .. Enumerable.Range(0, 10).Select(j => 5 + j / 100f), 9, 40];
        using DeviceArray<float> phi = On.Upload<float>([.. line, 0], line.Length + 1, 1), r = On.Allocate<float>(line.Length + 1);
        using PairGraph graph = On.Graph([.. Enumerable.Range(0, line.Length).Select(i => new Pair(i, line.Length))], line.Length + 1);
        var coreset = new CoresetAcquisition { Clusters = 4, Iterations = 20 };
        var context = new CandidateProblem(graph, phi, r) { Random = new SeededRandom(1) };

        Batch best = new Strategy(coreset).Select(context, 2);

        Assert.That(best.Indices, Is.EqualTo((int[])[21, 20]));
        Assert.That(best.Values, Is.All.InRange(0.5, 1));
    }

    [Test]
    public void More_clusters_than_candidates_are_as_many_as_there_are()
    {
        using DeviceArray<float> phi = On.Upload<float>([1, 2, 3, 0], 4, 1), r = On.Allocate<float>(4);
        using PairGraph three = On.Graph([new(0, 3), new(1, 3), new(2, 3)], 4), one = On.Graph([new(0, 3)], 4);
        var strategy = new Strategy(new CoresetAcquisition { Clusters = 100 });

        // Each alone in its cluster: the one in the middle has two neighbours at 1, the others one at 1 and one at 2.
        double[] q = [Math.Exp(-1) + Math.Exp(-2), 2 * Math.Exp(-1), Math.Exp(-1) + Math.Exp(-2)];
        Assert.That(strategy.Score(new CandidateProblem(three, phi, r)).Values, Is.EqualTo(q.Select(q => 1 / (1 + q))).Within(1e-6));
        Assert.That(strategy.Score(new CandidateProblem(one, phi, r)).Values, Is.EqualTo((double[])[1]));
    }

    // Points of one coordinate: row i against a last row of 0.
    private static PairPoints Line(float[] points) =>
        new((Pair[])[.. Enumerable.Range(0, points.Length).Select(i => new Pair(i, points.Length))], (float[])[.. points, 0], 1);
}
