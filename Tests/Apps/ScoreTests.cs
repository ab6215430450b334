using System.Text.Json;
using FisherKernels.Tests.Golden;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>fisher score against the golden vectors: given features, pairs and head, every rule's scores.</summary>
public class ScoreTests
{
    [TestCase("design_n200_d8_m500", "dopt", "score_dopt")]
    [TestCase("design_n200_d8_m500", "padopt", "score_padopt")]
    [TestCase("design_n200_d8_m500", "xtx", "score_xtx")]
    [TestCase("design_n200_d8_m500", "entropy", "entropy")]
    [TestCase("design_n200_d8_m500", "maxdiff", "gap")]
    [TestCase("design_saturated", "dopt", "score_dopt")]
    [TestCase("design_saturated", "padopt", "score_padopt")]
    [TestCase("design_deficient_n10_d32_m0_r1e-06", "dopt", "score_dopt")]
    public void Scores_are_the_golden_ones(string name, string rule, string expected)
    {
        using var fisher = new Fisher();
        (string features, string pairs, string past) = Write(fisher, name);
        JsonElement parameters = Case(name).GetProperty("parameters");

        Said said = Fisher.Do(
            "score", "--rule", rule, "--features", features, "--pairs", pairs, "--past", past, "--head", Fisher.Golden(name, "beta"),
            "--ridge", parameters.GetProperty("ridge").GetRawText(), "--out", fisher.PathOf("s.npy"), "--device", "cpu", "--json");

        double[] got = Fisher.Read(fisher.PathOf("s.npy")), want = Fisher.Read(Fisher.Golden(name, expected));
        double largest = want.Max();
        Assert.That(got, Is.EqualTo(want).Within(1e-5 * largest), "float32 rewards of |x| up to 800 carry 1e-5 into v");
        if (rule is "dopt" or "padopt" or "xtx")
        {
            double logDet = Case(name).GetProperty("scalars").GetProperty($"logdet_{rule}").GetDouble();
            Assert.That(said.Json.GetProperty("log_det").GetDouble(), Is.EqualTo(logDet).Within(1e-5 * Math.Max(1, Math.Abs(logDet))));
            Assert.That(said.Json.GetProperty("condition_number").GetDouble(), Is.GreaterThanOrEqualTo(1));
        }
    }

    [TestCase("dopt")]
    [TestCase("entropy")]
    [TestCase("coreset")]
    public void Float64_features_far_from_zero_score_as_those_near_it(string rule)
    {
        using var fisher = new Fisher();
        double[] near = [.. Enumerable.Range(0, 60).Select(j => (double)MathF.Sin(j * j + 1))];
        string pairs = fisher.Write<int>("p.npy", [.. Enumerable.Range(0, 20)], 10, 2),
            head = fisher.Write<double>("h.npy", [1, -2, 0.5], 3);
        double[] Scores(double offset)
        {
            Fisher.Do(
                "score", "--rule", rule, "--features",
                fisher.Write<double>("f.npy", [.. near.Select((x, j) => x + offset * (1 + j % 3))], 20, 3), "--pairs", pairs,
                "--head", head, "--out", fisher.PathOf("s.npy"), "--device", "cpu");
            return Fisher.Read(fisher.PathOf("s.npy"));
        }

        double[] expected = Scores(0);
        Assert.That(Scores(1e9), Is.EqualTo(expected).Within(1e-4 * expected.Max()));
    }

    [TestCase(1e4)]
    [TestCase(1e8)]
    [TestCase(1e300)]
    [TestCase(double.NaN)]
    public void A_row_that_nothing_names_changes_no_score(double value)
    {
        using var fisher = new Fisher();
        double[] near = [.. Enumerable.Range(0, 60).Select(j => (double)MathF.Sin(j * j + 1))];
        string pairs = fisher.Write<int>("p.npy", [.. Enumerable.Range(0, 18)], 9, 2),
            head = fisher.Write<double>("h.npy", [1, -2, 0.5], 3);
        double[] draws = [.. near.Select(x => 2 * x)];
        foreach (string rule in (string[])["xtx", "dopt", "bald-dropout"])
        {
            double[] Scores(double last)
            {
                string[] thinned = rule == "bald-dropout"
                    ? ["--draws", fisher.Write<double>("d.npy", [.. draws[..57], last, last, last], 20, 3)] : [];
                Fisher.Do([
                    "score", "--rule", rule, "--features", fisher.Write<double>("f.npy", [.. near[..57], last, last, last], 20, 3),
                    "--pairs", pairs,
                    "--head", head, "--out", fisher.PathOf("s.npy"), "--device", "cpu", .. thinned]);
                return Fisher.Read(fisher.PathOf("s.npy"));
            }

            double[] expected = Scores(0);
            Assert.That(Scores(value), Is.EqualTo(expected), rule);
        }
    }

    [Test]
    public void Pairs_whose_difference_float32_does_not_hold_are_counted()
    {
        using var fisher = new Fisher();
        Said said = Fisher.Do(
            "score", "--rule", "dopt", "--features", fisher.Write<double>("f.npy", [0, 1e9, 1e9 + 1, 5], 4, 1), "--head",
            fisher.Write<double>("h.npy", [1e-9], 1),
            "--pairs", fisher.Write<int>("p.npy", [0, 3, 1, 2], 2, 2), "--out", fisher.PathOf("s.npy"), "--device", "cpu", "--json");
        Assert.That(said.Json.GetProperty("pairs_lost_in_float32").GetInt32(), Is.EqualTo(1));
        Assert.That(said.Error, Does.Contain("the difference of 1 of 2 pairs"));
    }

    [TestCase("bald")]
    [TestCase("batchbald")]
    public void Information_about_the_head_is_between_nothing_and_one_answer(string rule)
    {
        const string Name = "design_n200_d8_m500";
        using var fisher = new Fisher();
        (string features, string pairs, string past) = Write(fisher, Name);
        double[] Scores(params string[] more)
        {
            Fisher.Do([
                "score", "--rule", rule, "--features", features, "--pairs", pairs, "--head", Fisher.Golden(Name, "beta"),
                "--out", fisher.PathOf("s.npy"), "--device", "cpu", .. more]);
            return Fisher.Read(fisher.PathOf("s.npy"));
        }

        double[] fresh = Scores(), known = Scores("--past", past);

        Assert.That(fresh.Concat(known), Is.All.InRange(0, Math.Log(2) + 1e-6));
        Assert.That(known.Average(), Is.LessThan(fresh.Average() / 4), "500 labelled pairs leave little of 8 dimensions open");
    }

    [Test]
    public void A_rule_that_looks_at_rewards_asks_for_the_head()
    {
        using var fisher = new Fisher();
        (string features, string pairs, _) = Write(fisher, "design_n200_d8_m500");

        Said said = Fisher.Run(
            "score", "--rule", "dopt", "--features", features, "--pairs", pairs, "--out", fisher.PathOf("s.npy"), "--device", "cpu");

        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Error, Does.Contain("--head"));
        Assert.That(File.Exists(fisher.PathOf("s.npy")), Is.False);
    }

    [Test]
    public void Targets_are_pairs_or_responses_and_the_candidates_by_default()
    {
        const string Name = "design_n200_d8_m500";
        using var fisher = new Fisher();
        (string features, string pairs, _) = Write(fisher, Name);
        string few = fisher.Write<long>("few.npy", [0, 1, 0, 2, 1, 2], 3, 2), responses = fisher.Write<long>("responses.npy", [2, 0, 1], 3);

        double[] Scores(params string[] targets)
        {
            Fisher.Do([
                "score", "--rule", "vopt", "--features", features, "--pairs", pairs, "--head", Fisher.Golden(Name, "beta"),
                "--out", fisher.PathOf("s.npy"), "--device", "cpu", .. targets]);
            return Fisher.Read(fisher.PathOf("s.npy"));
        }

        Assert.That(Scores("--targets", pairs), Is.EqualTo(Scores()));
        Assert.That(Scores("--targets", responses), Is.EqualTo(Scores("--targets", few)).Within(1e-4).Percent, "float32 scores");
        Assert.That(Scores("--targets", few), Is.Not.EqualTo(Scores()));
    }

    [TestCase(new long[] { 0, 400000 }, "response 1 is 400000; rows run from 0")]
    [TestCase(new long[] { 3 }, "two or more")]
    [TestCase(new long[] { 3, 3 }, "named twice")]
    public void Targets_that_are_not_there_are_refused(long[] targets, string message)
    {
        const string Name = "design_n200_d8_m500";
        using var fisher = new Fisher();
        (string features, string pairs, _) = Write(fisher, Name);

        Said said = Fisher.Run(
            "score", "--rule", "gopt", "--features", features, "--pairs", pairs, "--head", Fisher.Golden(Name, "beta"),
            "--targets", fisher.Write("t.npy", targets, targets.Length), "--out", fisher.PathOf("s.npy"), "--device", "cpu");

        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Error, Does.Contain(message));
    }

    [Test]
    public void Without_ridge_fewer_pairs_than_dimensions_are_refused_by_name()
    {
        const string Name = "design_deficient_n10_d32_m0_r1e-06";
        using var fisher = new Fisher();
        (string features, string pairs, _) = Write(fisher, Name);

        Said said = Fisher.Run(
            "score", "--rule", "dopt", "--features", features, "--pairs", pairs, "--head", Fisher.Golden(Name, "beta"), "--ridge", "0",
            "--out", fisher.PathOf("s.npy"), "--device", "cpu");

        Assert.That(said.Code, Is.EqualTo(1));
        Assert.That(said.Error, Does.Contain("rank 10").And.Contain("λ = 0").And.Contain("Raise λ"));
        Assert.That(File.Exists(fisher.PathOf("s.npy")), Is.False);
    }

    [TestCase("bald-dropout")]
    [TestCase("batchbald-dropout")]
    public void Dropout_rules_score_what_given_draws_disagree_on(string rule)
    {
        // Three responses under S = 3 masks; x = r[a] − r[b] is a row of gaps a pair, σ = 1/(1 + e^−x), H(p) = −p log p − (1−p) log(1−p).
        double[][] gaps = [[2, -2, 0], [1, 1, 1], [-1, 3, 1]];
        double[] expected = [.. gaps.Select(x => Entropy(x.Average(Sigma)) - x.Average(gap => Entropy(Sigma(gap))))];
        using var fisher = new Fisher();
        string draws = fisher.Write<float>("r.npy", [3, -1, 0.5f, 1, 1, 0.5f, 2, -2, -0.5f], 3, 3);

        Said said = Fisher.Do([.. Dropout(fisher, rule), "--draws", draws, "--json"]);

        Assert.That(Fisher.Read(fisher.PathOf("s.npy")), Is.EqualTo(expected).Within(1e-7), "float32 scores");
        Assert.That(expected, Is.EqualTo((double[])[0.2185, 0, 0.1952]).Within(1e-4), "on paper");
        Assert.That(said.Json.GetProperty("draws").GetInt32(), Is.EqualTo(3));

        static double Sigma(double x) => 1 / (1 + Math.Exp(-x));
        static double Entropy(double p) => -p * Math.Log(p) - (1 - p) * Math.Log(1 - p);
    }

    [TestCase(new[] { 2, 3 }, 0f, "r.npy has rewards of 2 responses (shape (2, 3)), expected 3 × masks")]
    [TestCase(new[] { 3, 0 }, 0f, "r.npy has shape (3, 0): rows of no numbers")]
    [TestCase(new[] { 3, 1 }, 0f, "r.npy has shape (3, 1), rewards under a single mask")]
    [TestCase(new[] { 3 }, 0f, "r.npy has shape (3), expected rows × columns")]
    [TestCase(new[] { 3, 2 }, float.NaN, "r.npy: row 0, column 0 is NaN; rewards must be finite")]
    [TestCase(null, 0f, "--rule bald-dropout looks at rewards under dropout masks; give --draws R.npy")]
    public void Draws_that_are_missing_or_do_not_fit_are_refused(int[]? shape, float number, string message)
    {
        using var fisher = new Fisher();
        float[] numbers = [.. Enumerable.Repeat(number, shape?.Aggregate(1, (product, axis) => product * axis) ?? 0)];
        string[] draws = shape is null ? [] : ["--draws", fisher.Write("r.npy", numbers, [.. shape.Select(axis => (long)axis)])];

        Said said = Fisher.Run([.. Dropout(fisher, "bald-dropout"), .. draws]);

        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Error, Does.Contain(message));
        Assert.That(File.Exists(fisher.PathOf("s.npy")), Is.False);
    }

    private static string[] Dropout(Fisher fisher, string rule) =>
    [
        "score", "--rule", rule, "--features", fisher.Write<float>("phi.npy", [1, 2, 3], 3, 1),
        "--pairs", fisher.Write<int>("pairs.npy", [0, 1, 0, 2, 1, 2], 3, 2), "--out", fisher.PathOf("s.npy"), "--device", "cpu",
    ];

    private static JsonElement Case(string name)
    {
        using JsonDocument document = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(GoldenCase.Vectors, name, "case.json")));
        return document.RootElement.Clone();
    }

    // The vectors give each side of a pair on its own: rows 0…n−1 and n…2n−1 of one table, then those of the labelled pairs.
    private static (string Features, string Pairs, string Past) Write(Fisher fisher, string name)
    {
        float[][] parts = [.. ((string[])["phi1", "phi2", "past1", "past2"]).Select(array => Fisher.Singles(Fisher.Golden(name, array)))];
        int d = Fisher.Singles(Fisher.Golden(name, "beta")).Length, n = parts[0].Length / d, m = parts[2].Length / d;
        return (
            fisher.Write<float>("phi.npy", [.. parts.SelectMany(part => part)], 2 * (n + m), d),
            fisher.Write<long>("pairs.npy", [.. Enumerable.Range(0, n).SelectMany(i => new long[] { i, n + i })], n, 2),
            fisher.Write<long>("past.npy", [.. Enumerable.Range(0, m).SelectMany(i => new long[] { 2 * n + i, 2 * n + m + i })], m, 2));
    }
}
