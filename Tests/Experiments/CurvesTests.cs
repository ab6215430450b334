using System.Text.Json;
using FisherKernels.Bench.Experiments.Curves;
using FisherKernels.Learning;
using FisherKernels.Tests.Apps;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>Bench curves on the bundled data, small: a folder of fisher run for each combination, the same again, and going on.</summary>
public class CurvesTests : InFolder
{
    private const string Data = "Readers_LSA256_NewYorker";

    [Test]
    public void Each_combination_gives_what_fisher_run_gives_with_its_settings()
    {
        BenchCommand.Do([.. Small("grid"), "--scopes", "in-prompt,cross-prompt", "--stops", "early,3"]);
        Fisher.Do(
            "run", "--out", PathOf("run"), "--strategies", "random,dopt", "--seeds", "2", "--rounds", "2", "--batch", "20", "--scope",
            "cross-prompt",
            "--hidden", "8,8,8", "--steps", "3", "--validation", "0");

        string[] names =
            [.. Directory.GetDirectories(PathOf("grid")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];
        Assert.That(names, Is.EqualTo((string[])
        [
            $"{Data}-cross-batch20-prompts500-width8-stop3", $"{Data}-cross-batch20-prompts500-width8-stopearly",
            $"{Data}-in-batch20-prompts500-width8-stop3", $"{Data}-in-batch20-prompts500-width8-stopearly",
        ]));
        foreach (string file in (string[])["plan.json", "results.csv", "summary.json"])
        {
            Assert.That(
                File.ReadAllBytes(Path.Combine(PathOf("grid"), names[0], file)),
                Is.EqualTo(File.ReadAllBytes(Path.Combine(PathOf("run"), file))), file);
        }
    }

    [Test]
    public void A_grid_that_was_killed_goes_on_and_grows_by_the_same_command()
    {
        BenchCommand.Do([.. Small("whole")]);
        BenchCommand.Do(Small("killed", labels: 20, seeds: 1));
        string cell =
            Path.Combine(PathOf("killed"), $"{Data}-in-batch20-prompts500-width8-stopearly", "cells", "dopt-seed1", "journal.jsonl");
        File.AppendAllText(cell, "{\"round\":1,\"chosen");

        Said said = BenchCommand.Do([.. Small("killed"), "--json"]);

        using JsonDocument json = JsonDocument.Parse(said.Out);
        string name = json.RootElement.GetProperty("runs")[0].GetString()!;
        Assert.That(
            File.ReadAllText(Path.Combine(PathOf("killed"), name, "results.csv")),
            Is.EqualTo(File.ReadAllText(Path.Combine(PathOf("whole"), name, "results.csv"))));
        BenchCommand.Do("page", "--runs", Path.Combine(PathOf("whole"), name), "--out", PathOf("page"));
        Assert.That(File.ReadAllText(Path.Combine(PathOf("page"), "report.md")), Does.Contain(name));
    }

    [Test]
    public void Settings_that_draw_every_prompt_are_one_setting()
    {
        BenchCommand.Do([.. Small("grid", labels: 20, seeds: 1), "--prompts", "50,200,1000"]);

        Assert.That(Directory.GetDirectories(PathOf("grid")), Has.Length.EqualTo(2), "the bundled data has 200 prompts");
    }

    [Test]
    public void A_figure_brings_its_settings_and_what_is_given_goes_before_them()
    {
        BenchCommand.Do(
            "curves", "--figure", "20", "--data-set", Data, "--widths", "4,6", "--batches", "20", "--labels", "20", "--seeds", "1",
            "--strategies", "random", "--out", PathOf("grid"));

        Assert.That(Directory.GetDirectories(PathOf("grid")).Select(folder => Path.GetFileName(folder)), Is.EquivalentTo(
            from scope in (string[])["in", "cross"]
            from width in (int[])[
                4, 6]
            select $"{Data}-{scope}-batch20-prompts500-width{width}-stopearly"));
    }

    [Test]
    public void Every_figure_of_curves_has_its_settings()
    {
        string[] names =
            ["sft-gemma2b_gemma2b_harmless", "gemma2b_gemma2b_helpful-base", "Gemma_7b_gemma2b_Harmless", "llama3-8b_gemma2b_helpful"];

        Assert.That(Preset.All.Select(preset => preset.Figure), Is.EqualTo(Enumerable.Range(3, 20)));
        Assert.That(Preset.Of(3).Choose(names), Is.EqualTo((string[])[names[0], names[2]]));
        Assert.That(Preset.Of(4).Choose(names), Is.EqualTo((string[])[names[0], names[1]]));
        Assert.That(Preset.Of(16).Choose(names), Is.EqualTo((string[])[names[3]]));
        Assert.That(() =>
            Preset.Of(5).Choose([names[1]]), Throws.TypeOf<InputException>().With.Message.Contains("Figure 5 shows harmless"));
    }

    [TestCase("--figure 2", "3 to 22")]
    [TestCase("--figure 3", "Name others with --data-set")]
    [TestCase("--batches 20,x", "--batches has 'x'")]
    [TestCase("--widths 8,8", "--widths '8,8' has one twice")]
    [TestCase("--scopes both", "--scopes has 'both'")]
    [TestCase("--stops 0", "--stops has '0'")]
    [TestCase("--data-set none", "There is no data set none")]
    [TestCase("--annotator recorded", "no label_")]
    [TestCase("--dropout 1", "--dropout is 1")]
    [TestCase("--batches 50000", "a round has at most")]
    public void What_does_not_fit_is_refused_before_anything_is_made(string given, string sentence)
    {
        Said said = BenchCommand.Run(["curves", "--seeds", "1", "--labels", "20", "--out", PathOf("grid"), .. given.Split(' ')]);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain(sentence));
        Assert.That(Directory.Exists(PathOf("grid")), Is.False);
    }

    private string[] Small(string folder, int labels = 40, int seeds = 2) =>
        ["curves", "--strategies", "random,dopt", "--seeds", $"{seeds}", "--labels", $"{labels}", "--batches", "20", "--widths", "8",
            "--out", PathOf(folder)];
}
