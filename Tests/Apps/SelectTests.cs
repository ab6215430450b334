using System.Text.Json;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>fisher select: the same pairs in both files, best first, none of those already labelled.</summary>
public class SelectTests
{
    [Test]
    public void Both_files_hold_the_same_pairs_best_first()
    {
        using var fisher = new Fisher();
        string model = Train(fisher, out string embeddings);

        Fisher.Do("select", "--embeddings", embeddings, "--model", model, "--rule", "dopt", "--batch", "12", "--device", "cpu", "--out",
            fisher.PathOf("next.npy"));

        long[] pairs = [.. Fisher.Read(fisher.PathOf("next.npy")).Select(number => (long)number)];
        JsonElement[] lines =
            [.. File.ReadAllLines(fisher.PathOf("next.jsonl")).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        Assert.That(lines, Has.Length.EqualTo(12));
        Assert.That(lines.SelectMany(line => new[] { line.GetProperty("first").GetInt64(), line.GetProperty("second").GetInt64() }),
            Is.EqualTo(pairs));
        Assert.That(lines.Select(line => line.GetProperty("score").GetDouble()), Is.Ordered.Descending);
        Assert.That(lines.Select(line => line.GetProperty("rank").GetInt32()), Is.EqualTo(Enumerable.Range(0, 12)));
        Assert.That(lines.All(line => line.GetProperty("first_prompt").GetInt32() == line.GetProperty("first").GetInt32() / 10));
    }

    [Test]
    public void What_is_labelled_is_not_asked_again()
    {
        using var fisher = new Fisher();
        string model = Train(fisher, out string embeddings);
        string first = fisher.PathOf("first.npy"), second = fisher.PathOf("second.npy");
        string[] command =
            ["select", "--embeddings", embeddings, "--model", model, "--rule", "padopt", "--batch", "135", "--device", "cpu"];

        Fisher.Do([.. command, "--out", first]);
        Fisher.Do([.. command, "--labelled", first, "--out", second]);

        // 6 prompts of 10 responses have 270 pairs: two batches of 135 are all of them.
        Assert.That(Pairs(first).Concat(Pairs(second)).Distinct().Count(), Is.EqualTo(270));
    }

    [Test]
    public void Given_pairs_lose_those_that_are_labelled_and_those_that_come_again()
    {
        using var fisher = new Fisher();
        string embeddings = fisher.Write("psi.npy", [.. Enumerable.Range(0, 48).Select(j => MathF.Sin(j))], 3, 4, 4);
        string given = fisher.Write<int>("given.npy", [0, 1, 2, 3, 1, 0, 4, 5, 6, 7, 0, 1], 6, 2);
        string labelled = fisher.Write<int>("labelled.npy", [3, 2], 1, 2);

        string[] command =
            ["select", "--embeddings", embeddings, "--rule", "random", "--pairs", given, "--labelled", labelled, "--device", "cpu"];
        Said said = Fisher.Do([.. command, "--batch", "3", "--json", "--out", fisher.PathOf("next.npy")]);

        Assert.That(said.Json.GetProperty("candidates").GetInt32(), Is.EqualTo(3));
        Assert.That(Pairs(fisher.PathOf("next.npy")), Is.EquivalentTo(new[] { (0L, 1L), (4L, 5L), (6L, 7L) }));
        said = Fisher.Run([.. command, "--batch", "4", "--out", fisher.PathOf("more.npy")]);
        Assert.That((said.Code, File.Exists(fisher.PathOf("more.npy"))), Is.EqualTo((2, false)));
        Assert.That(said.Error, Does.Contain("there are 3 candidates that are not labelled"));
    }

    [Test]
    public void Prompts_of_a_flat_file_can_be_given()
    {
        using var fisher = new Fisher();
        string model = Train(fisher, out string embeddings);
        string flat = fisher.Write("flat.npy", Fisher.Singles(embeddings), 60, 5);
        string prompts = fisher.Write<long>("prompts.npy", [.. Enumerable.Range(0, 60).Select(row => (long)(7 - row % 3))], 60);

        Fisher.Do("select", "--embeddings", flat, "--prompt-ids", prompts, "--model", model, "--batch", "500", "--device", "cpu", "--out",
            fisher.PathOf("s.npy"));

        Assert.That(Pairs(fisher.PathOf("s.npy")), Has.All.Matches<(long First, long Second)>(pair => pair.First % 3 == pair.Second % 3));
    }

    [Test]
    public void Every_pair_is_looked_at_when_asked_for()
    {
        using var fisher = new Fisher();
        string model = Train(fisher, out string embeddings);
        string first = fisher.PathOf("first.npy"), listed = fisher.PathOf("listed.npy");
        string[] command = ["select", "--embeddings", embeddings, "--model", model, "--batch", "40", "--device", "cpu", "--json"];

        // 60 responses have 1,770 pairs, all of which the drawn candidates can be as well.
        Said said = Fisher.Do([.. command, "--every-pair", "--out", first]);
        Assert.That(said.Json.GetProperty("candidates").GetInt64(), Is.EqualTo(1770));
        Fisher.Do([.. command, "--scope", "cross-prompt", "--out", listed]);
        Assert.That(Pairs(first), Is.EqualTo(Pairs(listed)));

        said = Fisher.Do([.. command, "--every-pair", "--labelled", first, "--out", fisher.PathOf("second.npy")]);
        Assert.That(said.Json.GetProperty("candidates").GetInt64(), Is.EqualTo(1730));
        Assert.That(said.Json.GetProperty("certificate").GetProperty("efficiency").GetDouble(), Is.InRange(0.1, 1));
        Assert.That(Pairs(first).Intersect(Pairs(fisher.PathOf("second.npy"))), Is.Empty);
    }

    [TestCase("padopt+greedy")]
    [TestCase("padopt+exchange")]
    public void Every_pair_is_optimised_as_the_listed_ones_are(string rule)
    {
        using var fisher = new Fisher();
        string model = Train(fisher, out string embeddings);
        string[] command =
            ["select", "--embeddings", embeddings, "--model", model, "--batch", "40", "--ridge", "0.01", "--rule", rule, "--device", "cpu",
            "--json", "--out", fisher.PathOf("next.npy")];
        double free = LogDet(Fisher.Do([.. command, "--every-pair"])), listed = LogDet(Fisher.Do([.. command, "--scope", "cross-prompt"]));
        Assert.That(free, Is.EqualTo(listed).Within(rule == "padopt+greedy" ? 1e-4 : 0.05), "exchanges may end at another local optimum");

        static double LogDet(Said said) => said.Json.GetProperty("certificate").GetProperty("log_det").GetDouble();
    }

    [TestCase("--scope narrows the candidates", "--scope", "in-prompt")]
    [TestCase("--candidates narrows the candidates", "--candidates", "5")]
    [TestCase("The strategy dopt+sample needs a trained model", "--rule", "dopt+sample", "--batch", "3")]
    [TestCase("--batch is 500, but there are 66 candidates; ask for fewer")]
    [TestCase("The strategy padopt needs a trained model", "--batch", "3")]
    public void Every_pair_leaves_nothing_to_draw(string sentence, params string[] more)
    {
        using var fisher = new Fisher();
        string embeddings = fisher.Write("psi.npy", [.. Enumerable.Range(0, 48).Select(j => MathF.Sin(j))], 3, 4, 4);
        Said said = Fisher.Run(
            ["select", "--embeddings", embeddings, "--every-pair", "--device", "cpu", "--out", fisher.PathOf("next.npy"), .. more]);
        Assert.That((said.Code, File.Exists(fisher.PathOf("next.npy"))), Is.EqualTo((2, false)));
        Assert.That(said.Error, Does.Contain(sentence));
    }

    [Test]
    public void Targets_steer_the_choice()
    {
        using var fisher = new Fisher();
        string model = Train(fisher, out string embeddings);
        string pair = fisher.Write<int>("pair.npy", [3, 41], 1, 2), both = fisher.Write<int>("both.npy", [41, 3], 2);
        (long First, long Second)[] Chosen(params string[] targets)
        {
            Fisher.Do([
                "select", "--embeddings", embeddings, "--model", model, "--rule", "gopt", "--batch", "20", "--device", "cpu",
                "--out", fisher.PathOf("s.npy"), .. targets]);
            return Pairs(fisher.PathOf("s.npy"));
        }

        Assert.That(Chosen("--targets", both), Is.EqualTo(Chosen("--targets", pair)), "all pairs of two responses are one pair");
        Assert.That(Chosen(), Is.Not.EqualTo(Chosen("--targets", pair)));
    }

    internal static string Train(Fisher fisher, out string embeddings)
    {
        (embeddings, string pairs, string labels) = TrainTests.LinearReward(fisher);
        string model = fisher.PathOf("m.safetensors");
        Fisher.Do("train", "--embeddings", embeddings, "--pairs", pairs, "--labels", labels, "--hidden", "8,4", "--steps", "30", "--device",
            "cpu", "--out", model);
        return model;
    }

    internal static (long First, long Second)[] Pairs(string path) =>
        [.. Fisher.Read(path).Select(number => (long)number).Chunk(2).Select(pair => (pair[0], pair[1]))];
}
