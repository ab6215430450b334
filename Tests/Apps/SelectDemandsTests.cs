using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Selection;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>fisher select with optimisers, limits and certificates: the batch keeps what was asked for and says how good it is.</summary>
public class SelectDemandsTests
{
    private Fisher _fisher = null!;
    private string[] _command = null!;

    private string Out => _fisher.PathOf("next.npy");

    [SetUp]
    public void Prepare()
    {
        _fisher = new Fisher();
        string model = SelectTests.Train(_fisher, out string embeddings);
        _command = ["select", "--embeddings", embeddings, "--model", model, "--device", "cpu", "--out", Out];
    }

    [TearDown]
    public void Remove() => _fisher.Dispose();

    [Test]
    public void Every_optimiser_is_chosen_by_name_and_never_does_worse_than_the_best_scores()
    {
        double top = Certificate(Do("--rule", "dopt", "--batch", "20")).GetProperty("log_det").GetDouble();
        foreach (IBatchOptimiser optimiser in BatchOptimisers.All.Skip(1))
        {
            JsonElement certificate = Certificate(Do("--rule", $"dopt+{optimiser.Name}", "--batch", "20"));
            double found = certificate.GetProperty("log_det").GetDouble(), bound = certificate.GetProperty("upper_bound").GetDouble();
            Assert.That(found, Is.GreaterThanOrEqualTo(top - 1e-9), optimiser.Name);
            Assert.That(bound, Is.GreaterThanOrEqualTo(found - 1e-9), optimiser.Name);
            Assert.That(SelectTests.Pairs(Out).Distinct().Count(), Is.EqualTo(20), optimiser.Name);
        }
    }

    [Test]
    public void What_each_pair_adds_is_in_the_lines_and_sums_to_the_whole()
    {
        Do("--rule", "dopt+exchange", "--batch", "12");
        double[] gains =
            [.. File.ReadAllLines(_fisher.PathOf("next.jsonl"))
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("score").GetDouble())];
        Assert.That(gains, Is.Ordered.Descending);

        // log det M₀ = d log λ with d = 4.
        double logDet = Certificate(Do("--rule", "dopt+exchange", "--batch", "12")).GetProperty("log_det").GetDouble();
        Assert.That(gains.Sum() + 4 * Math.Log(0.01), Is.EqualTo(logDet).Within(1e-9));
    }

    [Test]
    public void A_proof_goes_on_until_the_efficiency_is_proven()
    {
        JsonElement own = Certificate(Do("--rule", "dopt+greedy", "--batch", "20"));
        double asked = own.GetProperty("efficiency").GetDouble() + 1e-3;
        JsonElement proven = Certificate(Do("--rule", "dopt+greedy", "--batch", "20", "--certify", $"{asked:R}"));
        Assert.That(proven.GetProperty("proof").GetString(), Is.EqualTo("given"));
        Assert.That(proven.GetProperty("efficiency").GetDouble(), Is.GreaterThanOrEqualTo(asked));
        Assert.That(Certificate(Do("--rule", "entropy", "--batch", "5")).ValueKind, Is.EqualTo(JsonValueKind.Null),
            "entropy has no log det");
        Assert.That(Certificate(Do("--rule", "dopt", "--batch", "20", "--certify", "0.99999999")).GetProperty("proof")
            .GetString(), Is.EqualTo("impossible"));
        Assert.That(Fisher.Do(Command("--rule", "dopt", "--batch", "20", "--certify", "0.99999999")).Out,
            Does.Contain("% D-efficient; more cannot be proven"));
    }

    [TestCase("dopt")]
    [TestCase("dopt+sample")]
    [TestCase("entropy")]
    [TestCase("random")]
    [TestCase("padopt+best")]
    public void No_prompt_and_no_response_is_asked_more_often_than_allowed(string rule)
    {
        Said said = Do("--rule", rule, "--batch", "100", "--per-prompt", "4", "--per-response", "1");
        (long First, long Second)[] pairs = SelectTests.Pairs(Out);
        Assert.That(pairs.GroupBy(pair => pair.First / 10).Max(prompt => prompt.Count()), Is.LessThanOrEqualTo(4));
        Assert.That(pairs.SelectMany(pair => new[] { pair.First, pair.Second }), Is.Unique);
        Assert.That(said.Json.GetProperty("chosen").GetInt32(), Is.EqualTo(pairs.Length));
        Assert.That(said.Error, Does.Contain("of the 100 that --batch asks for"));
    }

    [Test]
    public void Pairs_that_must_be_in_are_in_and_those_that_must_not_are_not()
    {
        Do("--rule", "dopt+exchange", "--batch", "12");
        (long First, long Second)[] free = SelectTests.Pairs(Out);
        string barred = _fisher.Write<long>("barred.npy", [.. free.Take(6).SelectMany(pair => new[] { pair.Second, pair.First })], 6, 2);
        string must = _fisher.Write<long>("must.npy", [57, 51, 20, 29], 2, 2);

        Do("--rule", "dopt+exchange", "--batch", "12", "--must-not", barred, "--must", must);

        (long First, long Second)[] pairs = SelectTests.Pairs(Out);
        Assert.That(pairs, Has.Length.EqualTo(12));
        Assert.That(pairs, Has.Member((57L, 51L)).And.Member((20L, 29L)));
        Assert.That(pairs.Intersect(free.Take(6)), Is.Empty);
        Refused("must be in the batch, but is no candidate", "--batch", "12", "--must", must, "--must-not", must);

        string alike = _fisher.Write<long>("alike.npy", [20, 21, 20, 22], 2, 2);
        foreach (string rule in (string[])["dopt", "dopt+greedy", "dopt+sample", "entropy", "random"])
        {
            Refused("more than the limits allow", "--rule", rule, "--batch", "1", "--must", must);
            Refused("more than the limits allow", "--rule", rule, "--batch", "12", "--must", alike, "--per-response", "1");
        }
    }

    [Test]
    public void Groups_get_equal_shares()
    {
        string groups = _fisher.Write<int>("groups.npy", [.. Enumerable.Range(0, 60).Select(row => row / 10 % 3 * 5)], 60),
            wide = _fisher.Write<long>("wide.npy", [.. Enumerable.Range(0, 60).Select(row => (1L << 60) - row / 10 % 3)], 60);
        foreach (string rule in (string[])["dopt", "dopt+best", "dopt+forward-backward"])
        {
            Do("--rule", rule, "--batch", "20", "--groups", groups);
            Assert.That(SelectTests.Pairs(Out).GroupBy(pair => pair.First / 10 % 3).Select(group => group.Count())
                .OrderDescending(), Is.EqualTo(new[] { 7, 7, 6 }), rule);
            Do("--rule", rule, "--batch", "20", "--groups", wide);
            Assert.That(SelectTests.Pairs(Out).GroupBy(pair => pair.First / 10 % 3).Select(group => group.Count())
                .OrderDescending(), Is.EqualTo(new[] { 7, 7, 6 }), rule);
        }
    }

    [Test]
    public void A_budget_is_not_exceeded_and_buys_more_than_a_count_would()
    {
        float[] tokens = [.. Enumerable.Range(0, 60).Select(row => 10f + row * 37 % 90)];
        string costs = _fisher.Write("costs.npy", tokens, 60);
        foreach (string rule in (string[])["dopt", "dopt+greedy", "dopt+best", "dopt+sample", "entropy"])
        {
            Do("--rule", rule, "--budget", "1000", "--costs", costs);
            double spent = SelectTests.Pairs(Out).Sum(pair => (double)tokens[pair.First] + tokens[pair.Second]);
            Assert.That(spent, Is.InRange(900, 1000), rule);
            Assert.That(SelectTests.Pairs(Out), Is.Unique, rule);
        }

        Refused("The budget is 5, and the cheapest candidate costs", "--costs", costs, "--budget", "5");
        Refused("--costs goes with --budget", "--batch", "20", "--costs", costs);
        Refused("--budget goes with --costs", "--budget", "1000");
    }

    [TestCase("--per-prompt", "0", "must be above 0")]
    [TestCase("--per-prompt", "many", "expected a whole number")]
    [TestCase("--certify", "1.5", "lies between 0 and 1")]
    [TestCase("--time-limit", "-1", "above 0")]
    [TestCase("--budget", "-5", "must be above 0")]
    [TestCase("--rule", "entropy+greedy", "entropy maximises no log det")]
    [TestCase("--rule", "badge", "badge chooses its batch itself", "--batch", "20", "--per-prompt", "2")]
    [TestCase("--every-pair", "--per-prompt", "--per-prompt goes with listed candidates", "2")]
    public void Nonsense_is_refused(string option, string value, string sentence, params string[] more) =>
        Refused(sentence, [option, value, .. more]);

    [Test]
    public void Files_of_another_number_of_responses_are_refused()
    {
        string few = _fisher.Write<int>("few.npy", [1, 2, 3], 3), free = _fisher.Write("free.npy", new float[60], 60);
        Refused("has 3 numbers", "--groups", few);
        Refused("has 3 numbers", "--costs", few, "--budget", "10");
        Refused("a cost is finite and above 0", "--costs", free, "--budget", "10");
    }

    [TestCase(10, new[] { 100, 100, 100 }, ExpectedResult = new[] { 4, 3, 3 })]
    [TestCase(10, new[] { 2, 100, 100 }, ExpectedResult = new[] { 2, 4, 4 })]
    [TestCase(10, new[] { 1, 2, 3 }, ExpectedResult = new[] { 1, 2, 3 })]
    [TestCase(2, new[] { 0, 5, 5, 5 }, ExpectedResult = new[] { 0, 1, 1, 0 })]
    [TestCase(0, new[] { 5 }, ExpectedResult = new[] { 0 })]
    [TestCase(5, new int[0], ExpectedResult = new int[0])]
    public int[] Shares_are_equal_as_far_as_groups_go(int count, int[] sizes) => BatchConstraints.Shares(sizes, count);

    private static JsonElement Certificate(Said said) => said.Json.GetProperty("certificate");

    private Said Do(params string[] more) => Fisher.Do(Command(["--json", .. more]));

    // λ goes with the rules that look at it.
    private string[] Command(params string[] more)
    {
        int rule = Array.IndexOf(more, "--rule");
        bool hasRidge = rule < 0 || Strategy.Parse(more[rule + 1].Split('+')[0]).Acquisition.Reads(Inputs.Ridge);
        return [.. _command, .. hasRidge ? (string[])["--ridge", "0.01"] : [], .. more];
    }


    private void Refused(string sentence, params string[] more)
    {
        File.Delete(Out);
        Said said = Fisher.Run(Command(more));
        Assert.That((said.Code, File.Exists(Out)), Is.EqualTo((2, false)), said.Out + said.Error);
        Assert.That(said.Error, Does.Contain(sentence));
    }
}
