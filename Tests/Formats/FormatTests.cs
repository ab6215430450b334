using FisherKernels.Bench.Experiments.Page;
using FisherKernels.Experiments.Loop;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;
using FisherKernels.Tests.Apps;
using FisherKernels.Tests.House;
using NUnit.Framework;

namespace FisherKernels.Tests.Formats;

/// <summary>Run folders as every version wrote them (README.md here): each is read, or refused with its version.</summary>
public class FormatTests : InFolder
{
    private static readonly string[] Command =
        ["--strategies", "random,padopt", "--seeds", "1", "--batch", "3", "--hidden", "2", "--steps", "20", "--validation", "0",
            "--threads", "1", "--device", "cpu"];

    private string Data => Sample("run-1", "data");

    [TestCase(1)]
    [TestCase(2)]
    public void Every_version_of_a_run_is_reported_on(int version)
    {
        KeptRun run = KeptRun.Open(Sample($"run-{version}", "run"));

        Assert.That((run.Data, run.BestOf), Is.EqualTo(("a_b_c", (int?)3)));
        Assert.That(run.Strategies, Is.EqualTo((string[])["random", "padopt"]));
        Assert.That(run.Labels, Is.EqualTo((int[])[3, 6]));
        Assert.That(run.Cells.Select(cell => cell.Seconds.Count), Is.EqualTo((int[])[2, 2]));
        Assert.That(run.CellsOf("random")[0].Rounds[1].Evaluation.Spearman, Is.EqualTo(0.875));
        Assert.That(PlanSettings.Of(run.Plan), Does.Contain("batch size 3").And.Contain("hidden 2").And.Contain("steps 20"));
    }

    [Test]
    public void A_plan_of_version_1_is_refused_because_it_does_not_know_its_data()
    {
        string run = Sample("run-1", "run");

        Said said = Fisher.Run(["run", "--data", Data, .. Command, "--rounds", "2", "--out", run, "--resume"]);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain(Path.Combine(run, "plan.json")).And.Contain("version 1").And.Contain("--out"));
    }

    [Test]
    public async Task A_journal_of_version_1_goes_on_as_one()
    {
        string cell = Path.Combine(Sample("run-1", "run"), "cells", "padopt-seed1");
        string[] before = File.ReadAllLines(Path.Combine(cell, "journal.jsonl"));
        DataFolder data = DataFolder.Open(Data);
        using Backend on = Backend.Open(BackendKind.Cpu, 1);
        using EmbeddingPool train = PoolFile.Load(data.TrainEmbeddings), test = PoolFile.Load(data.TestEmbeddings);
        var learner = new ActiveLearner(on, train, new SelectionOptions
        {
            BatchSize = 3,
            Seed = 1,
            Strategy = Strategy.Parse("padopt"),
            Training = new TrainingOptions { Hidden = [2], Steps = 20, Validation = 0 },
        });
        var simulation = new Simulation(
            cell, on, learner, new GoldenAnnotator(RewardTable.Read(data.TrainRewards, train), 1),
            new HeldOut(test, RewardTable.Read(data.TestRewards, test)));

        await simulation.RunAsync(3);

        Assert.That(simulation.Rounds.Select(round => round.Labels), Is.EqualTo((int[])[3, 6, 9]));
        string[] after = File.ReadAllLines(Path.Combine(cell, "journal.jsonl"));
        Assert.That((after.Length, after[0], after[1]), Is.EqualTo((3, before[0], before[1])));
    }

    [Test]
    public void A_run_of_version_2_goes_on_and_is_the_same_where_there_is_nothing_to_do()
    {
        string run = Sample("run-2", "run");
        string[] before = Contents(run);

        Fisher.Do(["run", "--data", Data, .. Command, "--rounds", "2", "--out", run, "--resume"]);
        Assert.That(Contents(run), Is.EqualTo(before));

        Fisher.Do(["run", "--data", Data, .. Command, "--rounds", "3", "--out", run, "--resume"]);
        Assert.That(File.ReadAllLines(Path.Combine(run, "results.csv")), Has.Length.EqualTo(1 + 2 * 3));
    }

    private static string[] Contents(string run) =>
        [.. ((string[])["plan.json", "results.csv", "timings.csv", "summary.json"])
            .Select(name => File.ReadAllText(Path.Combine(run, name)))];

    // A copy: samples stay as they are.
    private string Sample(string name, string part)
    {
        string from = Path.Combine(Repository.Root, "Tests", "Formats", name, part), to = PathOf($"{name}-{part}");
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        return to;
    }
}
