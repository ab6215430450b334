using System.Text.Json;
using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests.Golden;

/// <summary>Variances, information, log det, scores and selections against the published code's, in higher precision.</summary>
public sealed class DesignVectors
{
    private static readonly string[] Names =
    [
        "design_n200_d8_m0", "design_n200_d8_m500", "design_n200_d8_ridge", "design_n207_d13_m31", "design_dead_feature",
        "design_duplicates", "design_saturated", "design_deficient_n10_d32_m0_r0.01", "design_deficient_n10_d32_m0_r1e-06",
        "design_deficient_n10_d32_m12_r1e-06", "design_n2000_d16_m0", "design_n2000_d16_m500", "design_n2000_d16_m5000",
        "design_n20000_d64_m5000",
    ];

    private readonly OpenDevices _devices = new();

    public static IEnumerable<TestCaseData> OnBackends =>
        from kind in TestBackends.All
        from name in Names
        where !OpenDevices.IsSlow(kind) || !name.StartsWith("design_n2000", StringComparison.Ordinal)
        select new TestCaseData(kind, name);

    [OneTimeTearDown]
    public void Close() => _devices.Dispose();

    [TestCaseSource(nameof(Names))]
    public void Definitions_meet_the_vectors(string name)
    {
        var golden = new GoldenCase(name);
        const string rule = "the vectors' own rule";
        Compare(new DefinitionMachine(), golden, new Limits(
            Variance: (_, _) => new(1e-12, rule) { OfEach = true, Floor = 1e-300 }, Information: new(1e-12, rule),
            LogDeterminant: what => golden.Allowed("logdet_" + what), Score: what => golden.Allowed("score_" + what), Choice: 1e-9));
    }

    [TestCaseSource(nameof(OnBackends))]
    public void Backends_meet_the_vectors(BackendKind kind, string name) =>
        Compare(new BackendMachine(_devices.Get(kind)), new GoldenCase(name), new Limits(
            Variance: (largest, d) =>
                new(Math.ScaleB(Math.Max(16, largest) * Roundings(d), -24),
                "terms of 20,000 cancel to rewards of 40 in float32, whose error is one of the exponent")
                { OfEach = true, Floor = 1e-36 },
            Information: new(2e-5, "float32 variances"),
            LogDeterminant: _ => 1e-6, Score: _ => 2e-5, Choice: 1e-4));

    private static void Compare(IMachine on, GoldenCase golden, Limits limits)
    {
        JsonElement given = golden.Parameters;
        int n = given.GetProperty("n").GetInt32(), d = given.GetProperty("d").GetInt32(), k = given.GetProperty("k").GetInt32();
        double ridge = given.GetProperty("ridge").GetDouble();
        double[] beta = golden.Array("beta");
        (double[] phi, Pair[] pairs) = Compared(golden, "phi", "pairs");
        (double[] past, Pair[] pastPairs) = Compared(golden, "past", "past_pairs");

        double[] r = on.Linear(phi, beta, null, phi.Length / d, d, 1);
        double[] terms = Definition.Linear([.. phi.Select(Math.Abs)], [.. beta.Select(Math.Abs)], null, phi.Length / d, d, 1);
        double[] v = on.PairVariances(pairs, r), ones = [.. Enumerable.Repeat(1.0, n)];
        Expect.Close(v, golden.Array("variance"), limits.Variance(terms.Max(), d), "variance");

        double[] fisher = on.Information(pairs, phi, v, d), gram = on.Information(pairs, phi, ones, d);
        double[] pastVariances = pastPairs.Length == 0
            ? [] : on.PairVariances(pastPairs, on.Linear(past, beta, null, past.Length / d, d, 1));
        double[] fisherPast = on.Information(pastPairs, past, pastVariances, d);
        Expect.Close(fisher, golden.Array("fisher"), limits.Information, "fisher");
        Expect.Close(fisherPast, golden.Array("fisher_past"), limits.Information, "fisher_past");
        Expect.Close(gram, golden.Array("gram"), new(1e-12, "whole in float64 on every backend"), "gram");

        Scores("dopt", new PrecisionMatrix(d, ridge, fisher), v);
        Scores("padopt", new PrecisionMatrix(d, ridge, fisher, fisherPast), v);
        Scores("xtx", new PrecisionMatrix(d, ridge, gram), ones);
        double[] gap = [.. pairs.Select(pair => Math.Abs(r[pair.First] - r[pair.Second]))];
        Choice("maxdiff", gap);
        Choice("entropy", [.. gap.Select(x => -x)]);

        void Scores(string rule, PrecisionMatrix precision, double[] weights)
        {
            double logDeterminant = golden.Scalar("logdet_" + rule);
            Assert.That(
                precision.LogDeterminant, Is.EqualTo(logDeterminant)
                    .Within(limits.LogDeterminant(rule) * Math.Max(1, Math.Abs(logDeterminant))), "log det, " + rule);
            double[] z = on.Whiten(phi, precision.InverseCholesky.ToArray(), phi.Length / d, d),
                g = on.LogDetGradient(pairs, z, weights, d);
            Tolerance tolerance = new(limits.Score(rule), "README of the vectors; float32 rewards and scores");
            Expect.Close(g, golden.Array("score_" + rule), tolerance, "score, " + rule);
            Choice(rule, g);
        }

        void Choice(string rule, double[] score)
        {
            // Sets; where the last chosen is not well ahead of the first left out, pairs as good as those may stand for each other.
            int[] found = on.Top(score, k), expected = [.. golden.Array("top_" + rule).Select(number => (int)number)];
            if (golden.Parameters.GetProperty("margin_at_k").GetProperty(rule).GetDouble() > limits.Choice)
            {
                Assert.That(found, Is.EquivalentTo(expected), "top, " + rule);
                return;
            }

            double[] exact = rule is "maxdiff" or "entropy" ? golden.Array("gap") : golden.Array("score_" + rule);
            double last = exact[expected[^1]], near = limits.Choice * exact.Max();
            Assert.That(found, Is.Unique);
            Assert.That(
                found.Except(expected).Concat(expected.Except(found)).Select(i => exact[i]), Is.All.EqualTo(last)
                    .Within(near), "top, " + rule);
        }
    }

    // Of long sums one after the other: a random walk of 2d steps, each half a unit in the last place.
    private static double Roundings(int d) => d <= 32 ? 1 : Math.Sqrt(2 * d) / 2;

    // Rows of one table by number; or row i of the first responses against row i of the second, which are stacked below.
    private static (double[] Phi, Pair[] Pairs) Compared(GoldenCase golden, string sides, string numbers)
    {
        if (golden.Has("table"))
        {
            return (golden.Array("table"), [.. golden.Array(numbers).Chunk(2).Select(pair => new Pair((int)pair[0], (int)pair[1]))]);
        }

        int n = golden.Axis(sides + "1", 0);
        return ([.. golden.Array(sides + "1"), .. golden.Array(sides + "2")], [.. Enumerable.Range(0, n).Select(i => new Pair(i, n + i))]);
    }

    private sealed record Limits(
        Func<double, int, Tolerance> Variance, Tolerance Information, Func<string, double> LogDeterminant, Func<string, double> Score,
        double Choice);
}
