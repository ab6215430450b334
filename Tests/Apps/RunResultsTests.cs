using System.Text.Json;
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

/// <summary>Table, summary and figure of a run: one number of labels and the same seeds for everything that stands side by side.</summary>
public class RunResultsTests : InFolder
{
    [Test]
    public void Rounds_beyond_those_asked_for_are_in_nothing()
    {
        RunResults more = Results(["dopt"], [1, 2, 3], 2, Cell("dopt", 1, 8), Cell("dopt", 2, 8), Cell("dopt", 3, 2));
        RunResults fresh = Results(["dopt"], [1, 2, 3], 2, Cell("dopt", 1, 2), Cell("dopt", 2, 2), Cell("dopt", 3, 2));

        Assert.That(more.Summary(), Is.EqualTo(fresh.Summary()));
        Assert.That(Text(more), Is.EqualTo(Text(fresh)).And.Contain("after 20 labels, mean of 3 seeds"));
        Save(more, "more");
        Save(fresh, "fresh");
        foreach (string name in RunResults.Files.Where(name => !name.EndsWith(".svg", StringComparison.Ordinal)))
        {
            Assert.That(File.ReadAllBytes(Path.Combine(PathOf("more"), name)),
                Is.EqualTo(File.ReadAllBytes(Path.Combine(PathOf("fresh"), name))), name);
        }
    }

    [Test]
    public void Strategies_stand_side_by_side_after_the_rounds_that_both_have_on_the_seeds_that_both_have()
    {
        // 1 − ρ of seed s after round k is s/10 + 1/(k + 2): seeds 1 and 2, two rounds.
        RunResults results =
            Results(["random", "dopt"], [1, 2, 3], 4, Cell("random", 1, 4), Cell("random", 2, 4), Cell("random", 3, 4), Cell("dopt", 1, 2),
            Cell("dopt", 2, 3));

        Assert.That((results.Common.Rounds, results.Common.Labels[^1]), Is.EqualTo((2, 20)));
        Assert.That(results.Common.Seeds, Is.EqualTo((int[])[1, 2]));
        Assert.That(results.Final("random", e => e.OneMinusSpearman).Mean, Is.EqualTo(0.15 + 1 / 3.0).Within(1e-12));
        Assert.That(results.Area("random").Mean, Is.EqualTo(0.15 + (1 / 2.0 + 1 / 3.0) / 2).Within(1e-12));
        Assert.That(Text(results), Does.Contain("after 20 labels, mean of 2 seeds"));
        using JsonDocument summary = JsonDocument.Parse(results.Summary());
        Assert.That(summary.RootElement.GetProperty("complete").GetBoolean(), Is.False);
        Assert.That(summary.RootElement.GetProperty("compared_rounds").GetInt32(), Is.EqualTo(2));
        Assert.That(summary.RootElement.GetProperty("strategies").EnumerateArray()
            .Select(one => one.GetProperty("complete").GetBoolean()), Is.EqualTo((bool[])[true, false]));
        Assert.That(summary.RootElement.GetProperty("strategies").EnumerateArray()
            .Select(one => one.GetProperty("curve").GetArrayLength()), Is.EqualTo((int[])[2, 2]));
    }

    [Test]
    public void Times_are_means_of_the_same_rounds()
    {
        CellResult dopt = Cell("dopt", 1, 3);
        RunResults results =
            Results(["random", "dopt"], [1], 3, Cell("random", 1, 3), dopt with { Seconds = [dopt.Seconds[0], dopt.Seconds[2]] });

        // Round k takes k seconds; of round 1 one strategy has no time.
        Assert.That(results.Seconds("random", spent => spent.Train), Is.EqualTo(1));
        Assert.That(results.Seconds("dopt", spent => spent.Train), Is.EqualTo(1));
    }

    [Test]
    public void A_round_with_other_numbers_of_labels_ends_the_comparison()
    {
        CellResult less = Cell("dopt", 1, 3);
        less = less with { Rounds = [less.Rounds[0], less.Rounds[1], less.Rounds[2] with { Labels = 25 }] };

        RunResults results = Results(["random", "dopt"], [1], 3, Cell("random", 1, 3), less);

        Assert.That(results.Common.Labels, Is.EqualTo((int[])[10, 20]));
        Assert.That(Text(results), Does.Contain("after 20 labels, one seed"));
    }

    [Test]
    public void A_strategy_without_a_round_is_named_and_in_no_row()
    {
        RunResults results = Results(["random", "dopt"], [1], 2, Cell("random", 1, 2), Cell("dopt", 1, 0));

        Assert.That(results.Common.Strategies, Is.EqualTo((string[])["random"]));
        Assert.That(Text(results), Does.Contain("without a round: dopt"));
        using JsonDocument summary = JsonDocument.Parse(results.Summary());
        JsonElement dopt = summary.RootElement.GetProperty("strategies")[1];
        Assert.That(dopt.GetProperty("complete").GetBoolean(), Is.False);
        Assert.That(dopt.GetProperty("final").GetProperty("accuracy").GetProperty("mean").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void Without_a_seed_that_all_have_nothing_is_compared()
    {
        RunResults results = Results(["random", "dopt"], [1, 2], 2, Cell("random", 1, 2), Cell("dopt", 2, 2));

        Assert.That((results.Common.Rounds, results.Common.Seeds.Count), Is.EqualTo((0, 0)));
        Assert.That(Text(results), Does.Contain("nothing can be compared yet"));
        Save(results, "run");
        Assert.That(File.ReadAllLines(Path.Combine(PathOf("run"), "results.csv")), Has.Length.EqualTo(1 + 4));
        Assert.That(File.Exists(Path.Combine(PathOf("run"), "curves.png")), Is.False);
    }

    [Test]
    public void A_measure_that_is_not_defined_is_null_and_has_no_panel()
    {
        CellResult cell = Cell("random", 1, 2);
        cell = cell with
        {
            Rounds =
            [.. cell.Rounds.Select(
            round => round with { Evaluation = round.Evaluation with { Spearman = double.NaN, Accuracy = double.NaN } })]
        };
        RunResults results = Results(["random"], [1], 2, cell);

        Assert.That(Text(results), Does.Contain("│ random   │     – │    – │").And.Not.Contain("NaN"));
        Assert.That(results.Summary(), Does.Not.Contain("NaN"));
        Save(results, "run");
        Assert.That(File.ReadAllLines(Path.Combine(PathOf("run"), "results.csv"))[1], Does.StartWith("random,1,0,10,,,0.5,,"));
        Assert.That(File.ReadAllText(Path.Combine(PathOf("run"), "curves.svg")),
            Does.Contain("golden reward").And.Not.Contain("rank correlation"));
    }

    private static RunResults Results(string[] strategies, int[] seeds, int rounds, params CellResult[] cells) => new(
        new RunPlan(
            new DataFolder("a_b_c", "1", "2", "3", "4", null), [.. strategies.Select(Strategy.Parse)], seeds, rounds, AnnotatorKind.Golden,
            BackendKind.Cpu,
            new SelectionOptions()),
        [10],
        cells);

    private static CellResult Cell(string strategy, int seed, int rounds) => new(
        new Cell(Strategy.Parse(strategy), seed),
        [.. Enumerable.Range(0, rounds).Select(round => new SimulationRound(
            round, strategy, 9, [0], [1], [1], null, 10 * (round + 1), 1, null,
            new Evaluation(1 - seed / 10.0 - 1.0 / (round + 2), [0.5], 0.5, 0.7, 0.1)))],
        [.. Enumerable.Range(0, rounds).Select(round => new RoundSeconds(round, 1, round, 1))]);

    private static string Text(RunResults results)
    {
        var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 140;
        console.Write(RunTable.Create(results, 140));
        return text.ToString();
    }

    private void Save(RunResults results, string name)
    {
        var plan = PlanFile.Create(
            new RunPlan(new DataFolder("a_b_c", "1", "2", "3", "4", null), [], [], 1, AnnotatorKind.Golden, BackendKind.Cpu,
                new SelectionOptions()), []);
        using RunFolder folder = RunFolder.Open(PathOf(name), plan, resume: false);
        results.Save(folder);
    }
}
