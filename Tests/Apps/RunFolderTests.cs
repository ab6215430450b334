using System.Text.Json.Nodes;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>The folder of a run: one run's alone, whoever is killed or comes at the same time.</summary>
public class RunFolderTests : InFolder
{
    private static JsonObject Plan => JsonNode.Parse("""
        {"format":"fisher-run","version":2,
         "data":{"name":"a_b_c","files":[{"name":"x.npy","bytes":1,"sha256":"aa"}]},"options":{"batch_size":500}}
        """)!.AsObject();

    [Test]
    public void Of_many_that_want_one_name_each_has_a_folder_of_its_own()
    {
        var opened = new RunFolder[8];
        Parallel.For(0, opened.Length, j => opened[j] = RunFolder.Create(PathOf("runs"), Plan));

        string[] names = [.. opened.Select(folder => folder.Name)];
        Array.ForEach(opened, folder => folder.Dispose());
        Assert.That(names, Is.Unique);
        Assert.That(Directory.GetDirectories(PathOf("runs")).Select(folder => Path.GetFileName(folder)), Is.EquivalentTo(names));
        Assert.That(Directory.GetFiles(PathOf("runs"), "*.part", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public void Of_many_that_want_a_named_folder_one_has_it_and_the_others_are_told([Range(1, 20)] int round)
    {
        int won = 0;
        var told = new List<string>();
        Parallel.For(0, 8, _ =>
        {
            try
            {
                RunFolder.Open(PathOf($"run{round}"), Plan, resume: false).Dispose();
                Interlocked.Increment(ref won);
            }
            catch (InputException exception)
            {
                lock (told)
                {
                    told.Add(exception.Message);
                }
            }
        });

        Assert.That((won, told.Count), Is.EqualTo((1, 7)));
        Assert.That(told, Has.All.Contain("holds a run already"));
    }

    [Test]
    public void Nobody_goes_on_with_a_run_that_goes_on()
    {
        using RunFolder first = RunFolder.Open(PathOf("run"), Plan, resume: false);

        Assert.That(() => RunFolder.Open(PathOf("run"), Plan, resume: true),
            Throws.TypeOf<IOException>().With.Message.Contains("plan.json").And.Message.Contains("another process"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void What_a_killed_process_left_of_its_plan_is_no_content(bool resume)
    {
        Directory.CreateDirectory(PathOf("run"));
        File.WriteAllText(Path.Combine(PathOf("run"), "plan.json.123.4.part"), "{");

        using RunFolder folder = RunFolder.Open(PathOf("run"), Plan, resume);

        Assert.That(Directory.GetFiles(folder.Path).Select(file => Path.GetFileName(file)), Is.EqualTo((string[])["plan.json"]));
    }

    [Test]
    public void What_is_somebody_else_s_is_neither_used_nor_removed()
    {
        Directory.CreateDirectory(PathOf("run"));
        File.WriteAllText(Path.Combine(PathOf("run"), "notes.part"), "mine");

        Assert.That(() => RunFolder.Open(PathOf("run"), Plan, resume: true),
            Throws.TypeOf<InputException>().With.Message.Contains("is not empty and holds no run"));
        RunFolder.Open(PathOf("other"), Plan, resume: false).Dispose();
        File.WriteAllText(Path.Combine(PathOf("other"), "results.csv.0123.part"), "of a killed process");
        File.WriteAllText(Path.Combine(PathOf("other"), "notes.part"), "mine");
        RunFolder.Open(PathOf("other"), Plan, resume: true).Dispose();
        Assert.That(Directory.GetFiles(PathOf("other"))
            .Select(file => Path.GetFileName(file)), Is.EquivalentTo((string[])["plan.json", "notes.part"]));
    }

    [Test]
    public void A_plan_that_does_not_fit_is_refused_with_what_differs_and_stays()
    {
        RunFolder.Open(PathOf("run"), Plan, resume: false).Dispose();
        byte[] before = File.ReadAllBytes(Path.Combine(PathOf("run"), "plan.json"));
        JsonObject other = Plan;
        other["options"]!["batch_size"] = 7;

        Assert.That(
            () => RunFolder.Open(PathOf("run"), other, resume: true),
            Throws.TypeOf<InputException>().With.Message.Contains("batch_size: kept 500, asked 7."));
        Assert.That(File.ReadAllBytes(Path.Combine(PathOf("run"), "plan.json")), Is.EqualTo(before));
    }

    [Test]
    public void The_newest_is_the_one_that_was_worked_on_last()
    {
        DateTime start = new(2026, 10, 25, 0, 0, 0, DateTimeKind.Utc);
        Made("z_first", 0, null);
        Made("20261025-020000", 60, 70);
        Made("20261025-030000", 10, 20);
        Directory.CreateDirectory(Path.Combine(PathOf("runs"), "zz_no_run"));
        Assert.That(Path.GetFileName(RunFolder.Newest(PathOf("runs"))), Is.EqualTo("20261025-020000"),
            "a clock that was put back names a later run earlier");

        Made("a_went_on", 5, 80);
        Assert.That(Path.GetFileName(RunFolder.Newest(PathOf("runs"))), Is.EqualTo("a_went_on"), "its journal is the newest file");

        Made("b_same", 80, null);
        Assert.That(Path.GetFileName(RunFolder.Newest(PathOf("runs"))), Is.EqualTo("b_same"), "of two at one time the last by name");
        Assert.That(RunFolder.Newest(PathOf("none")), Is.Null);

        void Made(string name, int planned, int? worked)
        {
            string folder = Path.Combine(PathOf("runs"), name), cell = Path.Combine(folder, "cells", "random-seed1");
            Directory.CreateDirectory(cell);
            Put(Path.Combine(folder, "plan.json"), planned);
            if (worked is int minutes)
            {
                Put(Path.Combine(cell, "journal.jsonl"), minutes);
            }
        }

        void Put(string path, int minutes)
        {
            File.WriteAllText(path, "{}");
            File.SetLastWriteTimeUtc(path, start.AddMinutes(minutes));
        }
    }

    [Test]
    public void A_result_that_is_there_already_is_not_written_again()
    {
        string path = PathOf("results.csv");
        AtomicFile.WriteIfChanged(path, "one"u8);
        DateTime longAgo = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, longAgo);

        AtomicFile.WriteIfChanged(path, "one"u8);
        Assert.That(File.GetLastWriteTimeUtc(path), Is.EqualTo(longAgo));

        AtomicFile.WriteIfChanged(path, "two"u8);
        Assert.That(File.ReadAllText(path), Is.EqualTo("two"));
    }
}
