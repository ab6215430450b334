using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Design;
using FisherKernels.Learning.Selection;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>A-, V- and G-optimality by hand, and against differences of tr(V M⁻¹) with V summed target by target.</summary>
public class TraceOptimalTests
{
    private const int R = 9, D = 4, N = 15;
    private const double Lambda = 0.05;

    private static readonly Backend On = Backend.Open(BackendKind.Cpu);

    private static readonly Pair[] Listed = [new(1, 8), new(0, 2), new(3, 4), new(7, 5)];

    private static readonly int[] Wanted = [6, 1, 3, 4, 8];

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void By_hand()
    {
        // δ = (1, 0) and (0, 2), v = ¼, λ = ¾: M = diag(1, 7/4), M⁻¹δ = (1, 0) and (0, 8/7).
        using var phi = On.Upload<float>([0, 0, 1, 0, 0, 2], 3, 2);
        using var r = On.Allocate<float>(3);
        using PairGraph graph = On.Graph([new(0, 1), new(2, 0)], 3);
        var context = new CandidateProblem(graph, phi, r) { Ridge = 0.75 };

        Assert.That(Strategy.Parse("aopt").Score(context).Values, Is.EqualTo((double[])[0.25, 16 / 49.0]).Within(1e-7));

        // V = ½ diag(1, 4): half as much for the first, twice as much for the second.
        Assert.That(Strategy.Parse("vopt").Score(context).Values, Is.EqualTo((double[])[0.125, 32 / 49.0]).Within(1e-7));

        // δᵀM⁻¹δ = 1 and 16/7: the second is the worst, and V = diag(0, 4).
        Assert.That(Strategy.Parse("gopt").Score(context).Values, Is.EqualTo((double[])[0, 64 / 49.0]).Within(1e-7));

        // Ten answers to the second pair leave M = diag(1, 47/4): now the first is the worst.
        using PairGraph past = On.Graph([.. Enumerable.Repeat(new Pair(0, 2), 10)], 3);
        var later = new CandidateProblem(graph, phi, r) { Ridge = 0.75, Past = new PastComparisons(past, phi, r) };
        Assert.That(Strategy.Parse("paaopt").Score(later).Values, Is.EqualTo((double[])[0.25, Math.Pow(8 / 47.0, 2) / 4]).Within(1e-7));
        Assert.That(Strategy.Parse("pagopt").Score(later).Values, Is.EqualTo((double[])[0.25, 0]).Within(1e-7));
    }

    [Test]
    public void They_are_the_slopes_of_the_trace(
        [Values("A", "V", "G")] string which, [Values] bool past, [Values("candidates", "pairs", "responses")] string targets)
    {
        var criterion = Enum.Parse<TraceCriterion>(which);
        var draw = new Draw(5);
        Pair[] pairs = draw.Pairs(N, R), pastPairs = draw.Pairs(12, R);
        Matrix<float> phi_Rd = draw.Uniform(R, D);
        float[] rewards = [.. draw.Uniform(R).Numbers];
        double[] phi = Definition.Wide(phi_Rd), r = [.. rewards.Select(x => (double)x)];
        double[] v = Definition.PairVariances(pairs, r), w = [.. Enumerable.Repeat(1.0, N)];
        double[] fixedPart = past ? Definition.Information(pastPairs, phi, Definition.PairVariances(pastPairs, r), D) : new double[D * D];
        Pair[] all = targets switch
        {
            "candidates" => pairs,
            "pairs" => Listed,
            _ => [.. from i in Enumerable.Range(0, Wanted.Length) from k in Enumerable.Range(0, i) select new Pair(Wanted[i], Wanted[k])],
        };
        PrecisionMatrix M() => new(D, Lambda, Definition.Information(pairs, phi, [.. v.Zip(w, (v, w) => v * w)], D), fixedPart);
        double[] V = criterion switch
        {
            TraceCriterion.A => [.. Enumerable.Range(0, D * D).Select(j => j / D == j % D ? 1.0 : 0.0)],
            TraceCriterion.V => [.. Definition.Information(all, phi, [.. Enumerable.Repeat(1.0 / all.Length, all.Length)], D)],
            _ => all.Select(pair => Definition.Information([pair], phi, [1], D)).MaxBy(one => M().TraceOfInverseTimes(one))!,
        };
        var want = new double[N];
        for (int i = 0; i < N; i++)
        {
            const double H = 1e-4;
            w[i] = 1 + H;
            double above = M().TraceOfInverseTimes(V);
            w[i] = 1 - H;
            want[i] = (M().TraceOfInverseTimes(V) - above) / (2 * H);
            w[i] = 1;
        }

        using DeviceArray<float> features = On.Upload<float>(phi_Rd.Numbers, R, D), on_r = On.Upload<float>(rewards, R);
        using PairGraph graph = On.Graph(pairs, R), pastGraph = On.Graph(pastPairs, R), listed = On.Graph(Listed, R);
        using DeviceArray<float> some = On.Upload<float>(
            [.. Wanted.SelectMany(row => phi_Rd.Numbers.AsSpan(row * D, D).ToArray())], Wanted.Length, D);
        var context = new CandidateProblem(graph, features, on_r)
        {
            Past = new PastComparisons(pastGraph, features, on_r),
            Targets = targets switch { "candidates" => null, "pairs" => new Targets(listed, features), _ => new Targets(null, some) },
            Ridge = Lambda,
        };
        double[] got = new Strategy(new TraceOptimalAcquisition(criterion) { IsPastAware = past }).Score(context).Values;
        Expect.Close(got, want, new(2e-6, "float32 variances and scores; differences with h = 1e-4"), $"{criterion}");
    }

    [Test]
    public void The_triangular_factor_keeps_the_product([Values(0, 1, 2, 5)] int rank)
    {
        const int Dimension = 5;
        var draw = new Draw(6);
        double[] sides = Definition.Wide(draw.Uniform(Dimension, Dimension)),
            b = Definition.Wide(draw.Uniform(Math.Max(rank, 1), Dimension))[..(rank * Dimension)];
        double[] V = Product(b, Dimension);
        var precision = new PrecisionMatrix(Dimension, 0.3, Product(sides, Dimension));

        double[] root = TraceDesign.Root(V, Dimension), factor = TraceDesign.Factor(precision, root), m = precision.Precision.ToArray();

        Assert.That(root, Has.Length.EqualTo(rank * Dimension), "as many rows as V has rank");
        Assert.That(
            from i in Enumerable.Range(0, Dimension) from j in Enumerable.Range(i + 1, Dimension - i - 1) select factor[i * Dimension + j],
            Is.All.Zero);
        double[] back = Multiply(Multiply(m, Product(factor, Dimension)), m);
        Expect.Close(back, V, new(1e-12, "M TᵀT M = V, M of condition 10") { Floor = 1e-12 }, "V");

        static double[] Multiply(double[] x, double[] y) =>
        [
            .. from i in Enumerable.Range(0, Dimension)
               from j in Enumerable.Range(0, Dimension)
               select Enumerable.Range(0, Dimension).Sum(k => x[i * Dimension + k] * y[k * Dimension + j]),
        ];
    }

    [Test]
    public void Features_in_small_units_keep_their_place_in_the_root()
    {
        double[] root = TraceDesign.Root([1, 0, 0, 1e-40], 2);
        Assert.That(root, Is.EqualTo((double[])[1, 0, 0, 1e-20]));
    }

    [Test]
    public void Of_equally_bad_targets_the_first_counts()
    {
        // (0, 1) and (2, 3) are as long; the second of them would score the other candidate.
        using var phi = On.Upload<float>([0, 0, 1, 0, 0, 0, 0, 1], 4, 2);
        using var r = On.Allocate<float>(4);
        using PairGraph graph = On.Graph([new(2, 3), new(0, 1)], 4), first = On.Graph([new(0, 1), new(2, 3)], 4);

        double[] Values(Targets? targets) =>
            Strategy.Parse("gopt").Score(new CandidateProblem(graph, phi, r) { Ridge = 1, Targets = targets }).Values;

        Assert.That(Values(null), Is.EqualTo((double[])[0.16, 0]).Within(1e-7));
        Assert.That(Values(new Targets(first, phi)), Is.EqualTo((double[])[0, 0.16]).Within(1e-7));
    }

    [Test]
    public void The_widest_of_many_responses_is_found_without_listing_pairs()
    {
        var draw = new Draw(8);
        const int Many = 300;
        Matrix<float> phi_Rd = draw.Uniform(Many, 3);
        Pair[] all = [.. from a in Enumerable.Range(0, Many) from b in Enumerable.Range(a + 1, Many - a - 1) select new Pair(a, b)];
        using DeviceArray<float> phi = On.Upload<float>(phi_Rd.Numbers, Many, 3), r = On.Allocate<float>(Many);
        using PairGraph graph = On.Graph(draw.Pairs(50, Many), Many), listed = On.Graph(all, Many);
        foreach (string name in (string[])["gopt", "vopt"])
        {
            Assert.That(
                Strategy.Parse(name).Score(new CandidateProblem(graph, phi, r) { Targets = new Targets(null, phi) }).Values,
                Is.EqualTo(Strategy.Parse(name).Score(new CandidateProblem(graph, phi, r) { Targets = new Targets(listed, phi) }).Values)
                    .Within(1e-5).Percent, name);
        }
    }

    [Test]
    public void Targets_that_are_none_are_refused()
    {
        using var phi = On.Upload<float>([1, 2], 1, 2);
        using PairGraph empty = On.Graph([], 1), other = On.Graph([new(0, 1)], 2);

        Assert.That(() => new Targets(null, phi), Throws.ArgumentException);
        Assert.That(() => new Targets(empty, phi), Throws.ArgumentException);
        Assert.That(() => new Targets(other, phi), Throws.ArgumentException.With.Message.StartsWith("features has 1 rows, expected 2."));
        Assert.That(() => new TargetRows((Pair[])[]), Throws.TypeOf<InputException>());
        Assert.That(() => new TargetRows((int[])[4]), Throws.TypeOf<InputException>());
        Assert.That(() =>
            new TargetRows((int[])[4, 5, 4]), Throws.TypeOf<InputException>().With.Message.Contains("response 4 is named twice"));
    }

    // BᵀB.
    private static double[] Product(double[] b, int d) =>
    [
        .. from i in Enumerable.Range(0, d)
           from j in Enumerable.Range(0, d)
           select Enumerable.Range(0, b.Length / d).Sum(k => b[k * d + i] * b[k * d + j]),
    ];
}
