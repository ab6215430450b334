using System.Globalization;
using System.Text;
using FisherKernels.Learning.Metrics;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>Several runs at a glance: what every strategy gains or loses against random in each, as tables and a figure.</summary>
internal static class Overview
{
    private const string Figure = "overview";

    /// <summary>Adds it to the page and writes overview.png and overview.svg, where there is something to set against random.</summary>
    public static void Write(StringBuilder page, string folder, IReadOnlyList<ReportedRun> runs)
    {
        page.Append("\n## All runs against random\n\n");
        string[] strategies = [.. runs.SelectMany(run => run.Strategies).Where(summary => summary.AreaMinusRandom is not null).Select(summary => summary.Strategy).Distinct().Order(StringComparer.Ordinal)];
        if (strategies.Length == 0)
        {
            page.Append("No run here has cells of random and of another strategy with the same seed: there is nothing to set against it.\n");
            return;
        }

        string[] settings = PlanSettings.Differing([.. runs.Select(run => run.Run.Plan)]);
        OverviewFigure.Save(Path.Combine(folder, Figure), [.. runs.Zip(settings, (run, differing) => new OverviewPanel(run, differing))], strategies);
        page.Append(CultureInfo.InvariantCulture, $"![Every strategy against random in every run]({Figure}.png)\n");
        Table(page, runs, settings, strategies, "Area: mean 1 − ρ over the rounds, strategy less random", summary => summary?.AreaMinusRandom);
        Table(page, runs, settings, strategies, "1 − ρ at the end, strategy less random", summary => summary?.FinalMinusRandom);
    }

    private static void Table(
        StringBuilder page, IReadOnlyList<ReportedRun> runs, string[] settings, string[] strategies, string title, Func<StrategySummary?, Band?> difference)
    {
        bool differ = settings.Any(text => text.Length > 0);
        page.Append(CultureInfo.InvariantCulture, $"\n{title}. {Chance(runs, difference)}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"| run | data |{(differ ? " what differs |" : "")} {string.Join(" | ", strategies)} |\n");
        page.Append(CultureInfo.InvariantCulture, $"|---|---|{(differ ? "---|" : "")}{string.Concat(strategies.Select(_ => "---:|"))}\n");
        for (int j = 0; j < runs.Count; j++)
        {
            string cells = string.Join(" | ", strategies.Select(strategy => Words.OfDifference(difference(runs[j].Of(strategy)))));
            page.Append(CultureInfo.InvariantCulture, $"| {runs[j].Number}. {runs[j].Run.Name} | {runs[j].Run.Data} |{(differ ? $" {settings[j]} |" : "")} {cells} |\n");
        }
    }

    // Hundreds of intervals of 95 % make many a bold number out of nothing.
    private static string Chance(IReadOnlyList<ReportedRun> runs, Func<StrategySummary?, Band?> difference)
    {
        Band[] bands = [.. runs.SelectMany(run => run.Strategies).Select(summary => difference(summary)).OfType<Band>().Where(band => double.IsFinite(band.HalfWidth))];
        return bands.Length == 0
            ? "No run has two seeds, and so there is no interval."
            : FormattableString.Invariant(
                $"Of {bands.Length} intervals {bands.Count(band => Words.Excludes0(band) && band.Mean < 0)} lie below 0 and {bands.Count(band => Words.Excludes0(band) && band.Mean > 0)} above; with no difference anywhere, about {bands.Length * 0.05:F1} would lie off 0 by chance.");
    }
}
