using FisherKernels.Bench.Experiments.Page;
using FisherKernels.Experiments;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning.Metrics;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>Several runs beside each other in Bench page.</summary>
public class OverviewTests : RunsByHand
{
    [Test]
    public void Two_runs_of_one_name_are_told_apart_by_number_and_by_the_settings_that_differ()
    {
        Run(Path.Combine("one", "run"), ",\"steps\":40,\"learning_rate\":0.001,\"files\":[1]");
        Run(Path.Combine("two", "run"), ",\"steps\":1000,\"learning_rate\":0.001,\"files\":[2]");
        foreach (int seed in (int[])[1, 2])
        {
            Cell(Path.Combine("one", "run"), "random", seed, 0.8, 0.7);
            Cell(Path.Combine("two", "run"), "random", seed, 0.8, 0.7);
            Cell(Path.Combine("one", "run"), "dopt", seed, 0.8, 0.5);
            Cell(Path.Combine("two", "run"), "dopt", seed, 0.8, 0.5 + 0.1 * seed);
            Cell(Path.Combine("two", "run"), "xtx", seed, 0.8, 0.9);
        }

        BenchCommand.Do("page", "--runs", Path.Combine(PathOf("one"), "run"), Path.Combine(PathOf("two"), "run"), "--out", PathOf("out"));

        // dopt in run two: final −0.1 and 0, area half of that: half the interval is 12.7062 times half the way between.
        string page = File.ReadAllText(Path.Combine(PathOf("out"), "report.md"));
        Assert.That(page, Does.Contain("| run | data | what differs | dopt | xtx |\n"));
        Assert.That(page, Does.Contain("| 1. run | a_b_c | steps 40 | **−0.100 ± 0.000** | – |\n| 2. run | a_b_c | steps 1000 | −0.025 "
            + "± 0.318 | **+0.100 ± 0.000** |\n"), "area");
        Assert.That(page, Does.Contain("| 1. run | a_b_c | steps 40 | **−0.200 ± 0.000** | – |\n| 2. run | a_b_c | steps 1000 | −0.050 "
            + "± 0.635 | **+0.200 ± 0.000** |\n"), "final");
        Assert.That(page,
            Does.Contain("Of 3 intervals 1 lie below 0 and 1 above; with no difference anywhere, about 0.2 would lie off 0 by chance."));
        Assert.That(page.IndexOf("All runs", StringComparison.Ordinal),
            Is.LessThan(page.IndexOf("## 1. a_b_c, run run", StringComparison.Ordinal)), "first");
        foreach (string figure in (string[])[
            "overview.png", "1-a_b_c-curves.png", "2-a_b_c-curves.png", "1-a_b_c-curves.svg", "2-a_b_c-curves.svg"])
        {
            Assert.That(new FileInfo(Path.Combine(PathOf("out"), figure)).Length, Is.Positive, figure);
        }

        string[] lines = File.ReadAllLines(Path.Combine(PathOf("out"), "report.csv"));
        Assert.That(lines.Select(line => line.Split(',')[^1]), Is.EqualTo((string[])["number", "1", "1", "2", "2", "2"]));
        string svg = File.ReadAllText(Path.Combine(PathOf("out"), "overview.svg"));
        Assert.That(svg, Does.Contain("steps 40").And.Contain("steps 1000").And.Contain("dopt").And.Contain("xtx"));
    }

    [Test]
    public void Runs_without_a_setting_that_differs_have_no_column_for_it()
    {
        foreach (string run in (string[])["early", "late"])
        {
            Run(run);
            Cell(run, "random", 1, 0.8);
            Cell(run, "dopt", 1, 0.7);
        }

        BenchCommand.Do("page", "--runs", PathOf("early"), PathOf("late"), "--out", PathOf("out"));

        string page = File.ReadAllText(Path.Combine(PathOf("out"), "report.md"));
        Assert.That(page,
            Does.Contain("| run | data | dopt |\n|---|---|---:|\n| 1. early | a_b_c | −0.100 |\n| 2. late | a_b_c | −0.100 |\n"));
        Assert.That(page, Does.Contain("No run has two seeds, and so there is no interval."));
        Assert.That(File.ReadAllText(Path.Combine(PathOf("out"), "overview.svg")), Does.Contain("early").And.Contain("late"),
            "the name in place of settings");
    }

    [Test]
    public void Runs_of_different_budgets_stand_beside_each_other_where_all_have_been()
    {
        Run("long");
        Cell("long", "random", 1, 0.8, 0.7, 0.6);
        Cell("long", "dopt", 1, 0.8, 0.6, 0.1);
        Run("short");
        Cell("short", "random", 1, 0.7);
        Cell("short", "dopt", 1, 0.2);
        Relabel("short", "random", labels => 2 * labels);
        Relabel("short", "dopt", labels => 2 * labels);

        BenchCommand.Do("page", "--runs", PathOf("long"), PathOf("short"), "--out", PathOf("out"));

        string page = File.ReadAllText(Path.Combine(PathOf("out"), "report.md"));
        Assert.That(page, Does.Contain("All of it after 20 labels").And.Contain("1 − ρ after 20 labels, strategy less random"));
        Assert.That(page, Does.Contain("| 1. long | a_b_c | −0.050 |\n| 2. short | a_b_c | −0.500 |\n"), "area");
        Assert.That(page, Does.Contain("| 1. long | a_b_c | −0.100 |\n| 2. short | a_b_c | −0.500 |\n"), "final");
        Assert.That(page, Does.Contain("| dopt | 1 | 30 | 0.100 |"), "its own table goes on");
        Assert.That(File.ReadAllText(Path.Combine(PathOf("out"), "overview.svg")), Does.Contain("20 labels"));
    }

    [Test]
    public void Runs_that_were_never_at_the_same_number_of_labels_have_no_overview()
    {
        foreach (string run in (string[])["early", "late"])
        {
            Run(run);
            Cell(run, "random", 1, 0.8);
            Cell(run, "dopt", 1, 0.7);
        }

        Relabel("late", "random", labels => labels + 5);
        Relabel("late", "dopt", labels => labels + 5);

        BenchCommand.Do("page", "--runs", PathOf("early"), PathOf("late"), "--out", PathOf("out"));

        Assert.That(
            File.ReadAllText(Path.Combine(PathOf("out"), "report.md")),
            Does.Contain("There is no number of labels that all runs have after some round (their last ones are 1: 10, 2: 15)"));
        Assert.That(File.Exists(Path.Combine(PathOf("out"), "overview.png")), Is.False);
    }

    [Test]
    public void Without_random_there_is_no_overview()
    {
        foreach (string run in (string[])["early", "late"])
        {
            Run(run);
            Cell(run, "dopt", 1, 0.7);
        }

        BenchCommand.Do("page", "--runs", PathOf("early"), PathOf("late"), "--out", PathOf("out"));

        Assert.That(File.ReadAllText(Path.Combine(PathOf("out"), "report.md")), Does.Contain("there is nothing to set against it"));
        Assert.That(File.Exists(Path.Combine(PathOf("out"), "overview.png")), Is.False);
    }

    [Test]
    public void The_axis_holds_every_mean_and_has_a_few_round_ticks() => Assert.Multiple(() =>
    {
        // The mean −0.2 reaches further than the interval up to 0.15; that of −0.2 itself is the one of twenty that is cut.
        Assert.That(OverviewFigure.Range([new Band(0.1, 0.05), new Band(-0.2, 0.2)]), Is.EqualTo((1.08 * 0.2, 0.1))
            .Using<(double, double)>(Near));
        Assert.That(OverviewFigure.Range([new Band(0.01, 0.04), new Band(-0.02, double.NaN)]), Is.EqualTo((1.08 * 0.02, 0.01))
            .Using<(double, double)>(Near));
        Assert.That(OverviewFigure.Range([new Band(0, 0)]), Is.EqualTo((1.0, 0.5)).Using<(double, double)>(Near), "nothing differs at all");
    });

    private static bool Near((double, double) x, (double, double) y) =>
        Math.Abs(x.Item1 - y.Item1) < 1e-12 && Math.Abs(x.Item2 - y.Item2) < 1e-12;
}
