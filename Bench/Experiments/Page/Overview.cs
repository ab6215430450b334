using System.Globalization;
using System.Text;
using FisherKernels.Experiments;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning.Metrics;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>A run in the overview: every strategy less random, paired by seed, after so many rounds.</summary>
/// <param name="Run">Which.</param>
/// <param name="Settings">What sets it apart from the others, in words; may be empty.</param>
/// <param name="Area">Mean 1 − ρ over these rounds, strategy less random; only strategies that share a seed with random, and have
/// one.</param>
/// <param name="Final">1 − ρ after them, of the same strategies.</param>
internal sealed record OverviewPanel(
    ReportedRun Run, string Settings, IReadOnlyDictionary<string, Band> Area, IReadOnlyDictionary<string, Band> Final)
{
    /// <summary>Of a run after so many rounds.</summary>
    public static OverviewPanel Of(ReportedRun run, string settings, int rounds)
    {
        (string Strategy, Paired Paired)[] beside =
        [
            .. run.Run.Strategies.Where(strategy => strategy != KeptRun.Baseline)
                .Select(strategy => (strategy, paired: Paired.Of(run.Run, strategy, rounds)))
                .Where(entry => entry.paired is not null && double.IsFinite(entry.paired.Area.Mean))
                .Select(entry => (entry.strategy, entry.paired!)),
        ];
        return new OverviewPanel(
            run,
            settings,
            beside.ToDictionary(entry => entry.Strategy, entry => entry.Paired.Area),
            beside.ToDictionary(entry => entry.Strategy, entry => entry.Paired.Final));
    }
}

/// <summary>Several runs at a glance: what every strategy gains or loses against random in each at one number of labels, as tables
/// and a figure.</summary>
internal static class Overview
{
    private const string Figure = "overview";

    /// <summary>Adds it to the page and writes overview.png and overview.svg, where there is something to set against random.</summary>
    public static void Write(StringBuilder page, string folder, IReadOnlyList<ReportedRun> runs)
    {
        page.Append("\n## All runs against random\n\n");
        int[] common = [.. runs.Select(run => (IEnumerable<int>)run.Run.Labels).Aggregate((all, labels) => all.Intersect(labels))];
        if (common.Length == 0)
        {
            string ends = string.Join(", ", runs.Select(run => FormattableString.Invariant($"{run.Number}: {run.Run.Labels[^1]}")));
            page.Append(CultureInfo.InvariantCulture,
                $"There is no number of labels that all runs have after some round (their last ones are {ends}): they are not set beside "
                + $"each other.\n");
            return;
        }

        int labels = common.Max();
        string[] settings = PlanSettings.Differing([.. runs.Select(run => run.Run.Plan)]);
        OverviewPanel[] panels =
            [.. runs.Zip(
                settings, (run, differing) =>
                    OverviewPanel.Of(run, differing, run.Run.Labels.Index().First(entry => entry.Item == labels).Index + 1))];
        string[] strategies = [.. panels.SelectMany(panel => panel.Area.Keys).Distinct().Order(StringComparer.Ordinal)];
        if (strategies.Length == 0)
        {
            page.Append("No run here has cells of random and of another strategy with the same seed: there is nothing to set against "
                + "it.\n");
            return;
        }

        page.Append(CultureInfo.InvariantCulture,
            $"All of it after {labels} labels, the most that all runs have after some round; a run's own table may go further.\n\n");
        OverviewFigure.Save(Path.Combine(folder, Figure), panels, strategies, labels);
        page.Append(CultureInfo.InvariantCulture, $"![Every strategy against random in every run]({Figure}.png)\n");
        Table(page, panels, strategies, "Area: mean 1 − ρ over the rounds, strategy less random", panel => panel.Area);
        Table(page, panels, strategies, FormattableString.Invariant($"1 − ρ after {labels} labels, strategy less random"), panel =>
            panel.Final);
    }

    private static void Table(
        StringBuilder page, OverviewPanel[] panels, string[] strategies, string title,
        Func<OverviewPanel, IReadOnlyDictionary<string, Band>> differences)
    {
        bool differ = panels.Any(panel => panel.Settings.Length > 0);
        page.Append(CultureInfo.InvariantCulture, $"\n{title}. {Chance([.. panels.SelectMany(panel => differences(panel).Values)])}\n\n");
        page.Append(CultureInfo.InvariantCulture,
            $"| run | data |{(differ ? " what differs |" : "")} {string.Join(" | ", strategies)} |\n");
        page.Append(CultureInfo.InvariantCulture, $"|---|---|{(differ ? "---|" : "")}{string.Concat(strategies.Select(_ => "---:|"))}\n");
        foreach (OverviewPanel panel in panels)
        {
            string cells =
                string.Join(" | ",
                strategies.Select(strategy => Words.OfDifference(differences(panel).TryGetValue(strategy, out Band band) ? band : null)));
            page.Append(CultureInfo.InvariantCulture,
                $"| {panel.Run.Number}. {panel.Run.Run.Name} | {panel.Run.Run.Data} |{(differ ? $" {panel.Settings} |" : "")} {cells} |\n");
        }
    }

    // Hundreds of intervals of 95 % make many a bold number out of nothing.
    private static string Chance(Band[] differences)
    {
        Band[] bands = [.. differences.Where(band => double.IsFinite(band.HalfWidth))];
        return bands.Length == 0
            ? "No run has two seeds, and so there is no interval."
            : string.Create(CultureInfo.InvariantCulture,
                $"Of {bands.Length} intervals {bands.Count(band => Words.Excludes0(band) && band.Mean < 0)} lie below 0 and "
                + $"{bands.Count(band => Words.Excludes0(band) && band.Mean > 0)} above; with no difference anywhere, about "
                + $"{bands.Length * 0.05:F1} would lie off 0 by chance.");
    }
}
