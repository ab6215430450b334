using System.Text.Json;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>fisher run --resume: the same data and options go on, others are refused with what differs.</summary>
public class RunResumeTests : InFolder
{
    private string Data => PathOf("data");

    private string Out => PathOf("out");

    [Test]
    public void A_run_goes_on_with_the_same_content_wherever_it_lies()
    {
        Write();
        Fisher.Do(Small(rounds: 1));
        Directory.Move(Data, PathOf("moved"));
        foreach (string file in Directory.GetFiles(PathOf("moved")))
        {
            File.SetLastWriteTimeUtc(file, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        Assert.That(Fisher.Run([.. Small(rounds: 2, data: PathOf("moved")), "--resume"]).Code, Is.Zero);
    }

    [TestCase("embd", "train")]
    [TestCase("embd", "test")]
    [TestCase("reward", "train")]
    [TestCase("reward", "test")]
    public void Another_content_of_the_same_length_is_refused_by_the_name_of_the_file(string kind, string split)
    {
        Write();
        Fisher.Do(Small(rounds: 1));
        string file = Path.Combine(Data, $"{kind}_g_e_t_{split}.npy"), results = File.ReadAllText(Path.Combine(Out, "results.csv"));
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^4] ^= 1;
        File.WriteAllBytes(file, bytes);

        Said said = Fisher.Run([.. Small(rounds: 2), "--resume"]);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error,
            Does.Contain($"the content of {Path.GetFileName(file)} differs (same name and length)").And.Not.Contain("; "));
        Assert.That(File.ReadAllText(Path.Combine(Out, "results.csv")), Is.EqualTo(results));
    }

    [Test]
    public void Recorded_labels_are_data_where_they_are_asked_and_only_there()
    {
        Labels(1);
        Fisher.Do(Small(rounds: 1));
        Fisher.Do([.. Small(rounds: 1, to: "recorded"), "--annotator", "recorded"]);
        Labels(0);

        Said golden = Fisher.Run([.. Small(rounds: 2), "--resume"]),
            recorded = Fisher.Run([.. Small(rounds: 2, to: "recorded"), "--annotator", "recorded", "--resume"]);

        Assert.That(golden.Code, Is.Zero, golden.Error);
        Assert.That(recorded.Code, Is.EqualTo(2));
        Assert.That(recorded.Error, Does.Contain("the content of label_g_e_t_train.npy differs"));
    }

    [TestCase("--lr", "0.01", "training.learning_rate: kept 0.001, asked 0.01")]
    [TestCase("--hidden", "5", "training.hidden: kept [4], asked [5]")]
    [TestCase("--annotator", "exact", "annotator: kept golden, asked exact")]
    [TestCase("--scope", "cross-prompt", "candidates.scope: kept in_prompt, asked cross_prompt")]
    [TestCase("--batch", "3", "batch_size: kept 4, asked 3")]
    public void Another_option_is_refused_with_what_was_kept_and_what_is_asked(string option, string value, string sentence)
    {
        Write();
        Fisher.Do(Small(rounds: 1));
        string[] arguments = Small(rounds: 2);
        int place = Array.IndexOf(arguments, option);
        arguments = place < 0 ? [.. arguments, option, value] : [.. arguments[..(place + 1)], value, .. arguments[(place + 2)..]];

        Said said = Fisher.Run([.. arguments, "--resume"]);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain(sentence + ". Give the same ones"));
    }

    [Test]
    public void Fewer_rounds_and_more_seeds_and_strategies_give_what_a_fresh_run_gives()
    {
        Write();
        Fisher.Do(Small(rounds: 3, seeds: 2));
        Said resumed = Fisher.Do([.. Small(rounds: 1, strategies: "random,dopt", seeds: 3), "--resume", "--json"]);
        Said fresh = Fisher.Do([.. Small(rounds: 1, strategies: "random,dopt", to: "fresh", seeds: 3), "--json"]);

        Assert.That(resumed.Out, Is.EqualTo(fresh.Out));
        Assert.That(resumed.Json.GetProperty("labels").GetInt32(), Is.EqualTo(4));
        foreach (string name in (string[])["results.csv", "summary.json", "plan.json", "curves.png"])
        {
            Assert.That(File.ReadAllBytes(Path.Combine(Out, name)), Is.EqualTo(File.ReadAllBytes(Path.Combine(PathOf("fresh"), name))),
                name);
        }

        Assert.That(File.ReadAllLines(Path.Combine(Out, "timings.csv")), Has.Length.EqualTo(1 + 2 * 3));
        Assert.That(File.ReadAllLines(Path.Combine(Out, "cells", "random-seed1", "journal.jsonl")), Has.Length.EqualTo(1 + 3),
            "nothing is lost");
    }

    [Test]
    public void A_finished_run_is_shown_without_writing_anything()
    {
        Write();
        string shown = Fisher.Do([.. Small(rounds: 2), "--json"]).Out;
        var longAgo = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        string[] files =
            [.. Directory.GetFiles(Out, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".svg", StringComparison.Ordinal))];
        Array.ForEach(files, file => File.SetLastWriteTimeUtc(file, longAgo));

        Assert.That(Fisher.Do([.. Small(rounds: 2), "--resume", "--json"]).Out, Is.EqualTo(shown));

        Assert.That(files.Select(File.GetLastWriteTimeUtc), Is.All.EqualTo(longAgo));
    }

    [TestCase(4, false, new[] { "1 − ρ", "accuracy" })]
    [TestCase(1, true, new[] { "1 − ρ", "accuracy", "log-loss", "calibration error" })]
    public void Test_data_without_an_order_give_rounds_without_these_measures_and_it_is_said_before(
        int responses, bool different, string[] undefined)
    {
        Write();
        Npy.Write<float>(Path.Combine(Data, "embd_g_e_t_test.npy"), Numbers(9, 6 * responses * 3), [6, responses, 3]);
        Npy.Write<float>(
            Path.Combine(Data, "reward_g_e_t_test.npy"), different
                ? Numbers(5, 6 * responses) : new float[6 * responses], [6, responses, 1]);

        Said said = Fisher.Do([.. Small(rounds: 1), "--json"]);
        Said again = Fisher.Do([.. Small(rounds: 2), "--resume"]);

        Assert.That(said.Error, Does.Contain($"fisher: not defined on these test data: {string.Join(", ", undefined)};"));
        JsonElement final = said.Json.GetProperty("strategies")[0].GetProperty("final");
        Assert.That(final.GetProperty("one_minus_spearman").GetProperty("mean").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(final.GetProperty("best_of_n")[0].GetProperty("reward")
            .GetProperty("mean").ValueKind, Is.EqualTo(JsonValueKind.Number));
        Assert.That(again.Out, Does.Contain("│     – │").And.Not.Contain("NaN"));
        Assert.That(File.ReadAllText(Path.Combine(Out, "results.csv")), Does.Not.Contain("NaN"));
    }

    [TestCase("--batch", "21", "draw more candidates. (--batch, --candidates)")]
    [TestCase("--rounds", "30", "has 45; ask for fewer. (--rounds, --batch)")]
    public void More_than_there_is_is_refused_before_anything_is_made(string option, string value, string sentence)
    {
        Write();

        Said said = Fisher.Run(
            [.. Small(rounds: 1).Select((word, j) => j > 0 && Small(rounds: 1)[j - 1] == option ? value : word), "--candidates", "20"]);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain(sentence));
        Assert.That(Directory.Exists(Out), Is.False);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Pairs_that_cannot_be_asked_are_not_counted(bool isBroken)
    {
        // Of the 45 pairs, one of two equal answers is none; nor are the two of an answer that is not finite.
        Write();
        float[] numbers = Numbers(7, 15 * 3 * 3);
        numbers.AsSpan(0, 3).CopyTo(numbers.AsSpan(3));
        numbers[0] = numbers[3] = isBroken ? float.NaN : 1;
        Npy.Write<float>(Path.Combine(Data, "embd_g_e_t_train.npy"), numbers, [15, 3, 3]);

        Said said = Fisher.Run(Small(rounds: 12));

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain($"ask for 48 pairs, but"));
        said = Fisher.Run(Small(rounds: 11));
        Assert.That(said.Code, Is.EqualTo(isBroken ? 2 : 0), said.Error);
        Assert.That(said.Error, isBroken ? Does.Contain("has 42 of responses that differ and are finite") : Does.Contain("11 rounds"));
    }

    private static float[] Numbers(int step, int count) => [.. Enumerable.Range(1, count).Select(j => (float)Math.Sin(step * j))];

    // 15 prompts of 3 responses, 45 pairs in prompts; recorded labels need prompts of two.
    private void Write(int responses = 3)
    {
        Directory.CreateDirectory(Data);
        foreach ((string split, int prompts) in ((string, int)[])[("train", 15), ("test", 6)])
        {
            Npy.Write<float>(Path.Combine(Data, $"embd_g_e_t_{split}.npy"), Numbers(7, prompts * responses * 3), [prompts, responses, 3]);
            Npy.Write<float>(Path.Combine(Data, $"reward_g_e_t_{split}.npy"), Numbers(3, prompts * responses), [prompts, responses, 1]);
        }
    }

    private void Labels(float label)
    {
        Write(responses: 2);
        Npy.Write<float>(Path.Combine(Data, "label_g_e_t_train.npy"), [.. Enumerable.Repeat(label, 15)], [15]);
    }

    private string[] Small(int rounds, string strategies = "random", string to = "out", string? data = null, int seeds = 1) =>
    [
        "run", "--data", data ?? Data, "--strategies", strategies, "--rounds", $"{rounds}", "--batch", "4", "--hidden", "4", "--steps", "5",
        "--validation", "0",
        "--device", "cpu", "--threads", "1", "--out", PathOf(to), "--seeds", $"{seeds}",
    ];
}
