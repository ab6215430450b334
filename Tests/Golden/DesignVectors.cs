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
        "n200_d8_m0", "n200_d8_m500", "n200_d8_ridge", "n207_d13_m31", "dead_feature", "duplicates", "saturated",
        "deficient_n10_d32_m0_r0.01", "deficient_n10_d32_m0_r1e-06", "deficient_n10_d32_m12_r1e-06", "n2000_d16_m500",
    ];

    private readonly OpenDevices _devices = new();

    public static IEnumerable<TestCaseData> OnBackends =>
        from kind in new[] { BackendKind.Cpu, BackendKind.Cuda, BackendKind.OpenCl, BackendKind.Emulator }
        from name in Names
        where kind != BackendKind.Emulator || !name.StartsWith("n2000", StringComparison.Ordinal)
        select new TestCaseData(kind, name);

    [OneTimeTearDown]
    public void Close() => _devices.Dispose();

    [TestCaseSource(nameof(Names))]
    public void Definitions_meet_the_vectors(string name)
    {
        var golden = new GoldenCase("design_" + name);
        const string rule = "the vectors' own rule";
        Compare(new DefinitionMachine(), golden, new Limits(
            Variance: _ => new(1e-12, rule) { OfEach = true, Floor = 1e-300 }, Information: new(1e-12, rule),
            LogDeterminant: what => golden.Allowed("logdet_" + what), Score: what => golden.Allowed("score_" + what), Choice: 1e-9));
    }

    [TestCaseSource(nameof(OnBackends))]
    public void Backends_meet_the_vectors(BackendKind kind, string name) =>
        Compare(new BackendMachine(_devices.Get(kind)), new GoldenCase("design_" + name), new Limits(
            Variance: largest => new(Math.ScaleB(Math.Max(16, largest), -24), "terms of 20,000 cancel to rewards of 40 in float32, whose error is one of the exponent") { OfEach = true, Floor = 1e-36 },
            Information: new(2e-5, "float32 variances"),
            LogDeterminant: _ => 1e-6, Score: _ => 2e-5, Choice: 1e-4));

    private static void Compare(IMachine on, GoldenCase golden, Limits limits)
    {
        int n = golden.Axis("phi1", 0), m = golden.Axis("past1", 0), d = golden.Axis("phi1", 1), k = golden.Parameters.GetProperty("k").GetInt32();
        double ridge = golden.Parameters.GetProperty("ridge").GetDouble();
        double[] phi = [.. golden.Array("phi1"), .. golden.Array("phi2")], past = [.. golden.Array("past1"), .. golden.Array("past2")];
        Pair[] pairs = Sides(n), pastPairs = Sides(m);

        double[] r = on.Linear(phi, golden.Array("beta"), null, 2 * n, d, 1);
        double[] terms = Definition.Linear([.. phi.Select(Math.Abs)], [.. golden.Array("beta").Select(Math.Abs)], null, 2 * n, d, 1);
        double[] v = on.PairVariances(pairs, r), ones = [.. Enumerable.Repeat(1.0, n)];
        Expect.Close(v, golden.Array("variance"), limits.Variance(terms.Max()), "variance");

        double[] fisher = on.Information(pairs, phi, v, d), gram = on.Information(pairs, phi, ones, d);
        double[] pastVariances = m == 0 ? [] : on.PairVariances(pastPairs, on.Linear(past, golden.Array("beta"), null, 2 * m, d, 1));
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
                precision.LogDeterminant, Is.EqualTo(logDeterminant).Within(limits.LogDeterminant(rule) * Math.Max(1, Math.Abs(logDeterminant))), "log det, " + rule);
            double[] z = on.Whiten(phi, precision.InverseCholesky.ToArray(), 2 * n, d), g = on.LogDetGradient(pairs, z, weights, d);
            Expect.Close(g, golden.Array("score_" + rule), new(limits.Score(rule), "README of the vectors; float32 rewards and scores"), "score, " + rule);
            Choice(rule, g);
        }

        void Choice(string rule, double[] score)
        {
            // Sets, and only where the last chosen is well ahead of the first left out.
            if (golden.Parameters.GetProperty("margin_at_k").GetProperty(rule).GetDouble() > limits.Choice)
            {
                Assert.That(on.Top(score, k), Is.EquivalentTo(golden.Array("top_" + rule).Select(number => (int)number)), "top, " + rule);
            }
        }
    }

    // Pair i is row i of the first responses against row i of the second, which are stacked below.
    private static Pair[] Sides(int n) => [.. Enumerable.Range(0, n).Select(i => new Pair(i, n + i))];

    private sealed record Limits(
        Func<double, Tolerance> Variance, Tolerance Information, Func<string, double> LogDeterminant, Func<string, double> Score, double Choice);
}
