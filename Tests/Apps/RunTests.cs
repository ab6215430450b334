using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FisherKernels.Cli.Terminal;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;
using NUnit.Framework;
using Spectre.Console;

namespace FisherKernels.Tests.Apps;

/// <summary>fisher run on the bundled data: the files it leaves, the same bytes twice, and going on after a kill.</summary>
public class RunTests
{
    [Test]
    public void It_leaves_a_table_numbers_and_a_figure()
    {
        using var fisher = new Fisher();
        string folder = fisher.PathOf("run");

        Said said = Fisher.Do(Small(folder));

        Assert.That(said.Out, Does.Contain("padopt").And.Contain("1 − ρ").And.Contain("curves.png"));
        string[] lines = File.ReadAllLines(Path.Combine(folder, "results.csv"));
        Assert.That(lines[0], Does.StartWith("strategy,seed,round,labels,one_minus_spearman").And.Contain("best_of_500"));
        Assert.That(lines, Has.Length.EqualTo(1 + 3 * 2 * 3));
        Assert.That(File.ReadAllLines(Path.Combine(folder, "timings.csv")), Has.Length.EqualTo(1 + 3 * 2 * 3));
        Assert.That(File.ReadAllBytes(Path.Combine(folder, "curves.png"))[..4], Is.EqualTo((byte[])[0x89, .. "PNG"u8]));
        Assert.That(File.ReadAllText(Path.Combine(folder, "curves.svg")), Does.Contain("<svg").And.Contain("padopt"));
        using JsonDocument summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "summary.json")));
        Assert.That(summary.RootElement.GetProperty("labels").GetInt32(), Is.EqualTo(60));
    }

    [Test]
    public void The_same_command_gives_the_same_bytes_on_one_thread_or_two()
    {
        using var fisher = new Fisher();
        Fisher.Do([.. Small(fisher.PathOf("one")), "--threads", "1"]);
        Fisher.Do([.. Small(fisher.PathOf("two")), "--threads", "2"]);

        SameNumbers(fisher.PathOf("one"), fisher.PathOf("two"));
    }

    [Test]
    public void A_run_that_was_killed_goes_on_and_gives_the_numbers_of_one_that_was_not()
    {
        using var fisher = new Fisher();
        string whole = fisher.PathOf("whole"), killed = fisher.PathOf("killed");
        Fisher.Do(Small(whole));
        Fisher.Do([.. Small(killed, rounds: 2)]);

        // As a kill leaves it: a line that was being written, and a model whose journal line never came.
        string cell = Path.Combine(killed, "cells", "padopt-seed1");
        File.AppendAllText(Path.Combine(cell, "journal.jsonl"), "{\"round\":2,\"chosen_by\":\"pad");
        File.Copy(Path.Combine(cell, "model-1.safetensors"), Path.Combine(cell, "model-2.safetensors"));
        Fisher.Do([.. Small(killed), "--resume"]);

        SameNumbers(whole, killed);
    }

    [Test]
    public void A_folder_with_a_run_is_neither_overwritten_nor_mixed_with_another()
    {
        using var fisher = new Fisher();
        string folder = fisher.PathOf("run");
        Fisher.Do([.. Small(folder, rounds: 1)]);
        byte[] before = File.ReadAllBytes(Path.Combine(folder, "results.csv"));

        Said again = Fisher.Run(Small(folder)), other = Fisher.Run([.. Small(folder, batch: 21), "--resume"]);

        Assert.That((again.Code, other.Code), Is.EqualTo((2, 2)));
        Assert.That(again.Error, Does.Contain("--resume"));
        Assert.That(other.Error, Does.Contain("other data or options"));
        Assert.That(File.ReadAllBytes(Path.Combine(folder, "results.csv")), Is.EqualTo(before));
    }

    [TestCase("{}", "is of round 0, expected 1")]
    [TestCase("{\"round\":\"x\"}", "is not a round ($.round)")]
    [TestCase("{\"round\":1}", "lacks a part of its round")]
    [TestCase("{\"round\":1,\"first\":[1],\"second\":[],\"preferences\":[1],\"evaluation\":{\"best_of_n\":[0]}}", "lacks a part")]
    [TestCase(null, "line 3 cannot be taken over")]
    public void Rounds_that_were_damaged_are_refused_and_say_what_to_remove(string? second, string message)
    {
        using var fisher = new Fisher();
        string folder = fisher.PathOf("run"), whole = fisher.PathOf("whole"), cell = Path.Combine(folder, "cells", "padopt-seed1");
        Fisher.Do([.. Small(whole, rounds: 2)]);
        Fisher.Do([.. Small(folder, rounds: 2)]);
        string journal = Path.Combine(cell, "journal.jsonl");
        if (second is null)
        {
            File.Delete(Path.Combine(cell, "model-1.safetensors"));
        }
        else
        {
            File.WriteAllLines(journal, [.. File.ReadAllLines(journal)[..2], second]);
        }

        Said said = Fisher.Run([.. Small(folder, rounds: 2), "--resume"]);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain(message).And.Contain(journal).And.Contain($"Remove the folder {cell}"));
        Directory.Delete(cell, recursive: true);
        Fisher.Do([.. Small(folder, rounds: 2), "--resume"]);
        SameNumbers(whole, folder);
    }

    [TestCase(140, "train s")]
    [TestCase(80, "accuracy")]
    [TestCase(45, "area")]
    public void The_table_keeps_to_the_width_there_is(int width, string last)
    {
        var plan = new RunPlan(
            DataFolder.Open(Path.Combine(AppContext.BaseDirectory, "Data", "caption_contest")), [Strategy.Parse("padopt")], [1, 2], 1,
            AnnotatorKind.Golden, BackendKind.Cpu, new SelectionOptions());
        CellResult[] cells = [.. plan.Cells.Select(cell => new CellResult(
            cell, [new(0, "random", 9, [0], [1], [1], null, 125, 1, null, new Evaluation(0.25, [0.5], 0.5, 0.7, 0.1))],
            [new(0, 1, 1, 1)]))];
        var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;

        console.Write(RunTable.Create(new RunResults(plan, [10], cells), width));

        string[] lines = text.ToString().Split(Environment.NewLine);
        Assert.That(lines, Has.All.Length.LessThanOrEqualTo(width));
        Assert.That(lines.Single(line => line.Contains("strategy", StringComparison.Ordinal)).TrimEnd(' ', '│'), Does.EndWith(last));
        Assert.That(lines.Single(line => line.Contains("padopt", StringComparison.Ordinal)), Does.Contain("0.750 ± 0.000"));
    }

    [Test]
    public void For_programs_it_writes_one_json_object()
    {
        using var fisher = new Fisher();
        JsonElement summary = Fisher.Do([.. Small(fisher.PathOf("run"), rounds: 1), "--json"]).Json;

        Assert.That(summary.GetProperty("strategies").GetArrayLength(), Is.EqualTo(3));
    }

    private static string[] Small(string folder, int rounds = 3, int batch = 20) =>
    [
        "run", "--strategies", "random,padopt,entropy+sample", "--seeds", "2", "--rounds", $"{rounds}", "--batch", $"{batch}",
        "--candidates", "500", "--steps", "40", "--hidden", "16,8", "--device", "cpu", "--out", folder,
    ];

    private static void SameNumbers(string one, string two)
    {
        string[] files = [.. Directory.EnumerateFiles(one, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(one, path))
            .Where(path => Path.GetFileName(path) is not ("timings.csv" or "seconds.jsonl"))
            .Order(StringComparer.Ordinal)];
        Assert.That(files, Has.Length.GreaterThan(12));
        foreach (string file in files)
        {
            // Clip paths in an SVG are numbered through the process, so in one process the second figure counts on.
            (byte[] first, byte[] second) = Path.GetExtension(file) == ".svg"
                ? (Unnumbered(Path.Combine(one, file)), Unnumbered(Path.Combine(two, file)))
                : (File.ReadAllBytes(Path.Combine(one, file)), File.ReadAllBytes(Path.Combine(two, file)));
            Assert.That(second, Is.EqualTo(first), file);
        }
    }

    private static byte[] Unnumbered(string svg) =>
        Encoding.UTF8.GetBytes(Regex.Replace(File.ReadAllText(svg), "cl_[0-9a-f]+", "cl_"));
}
