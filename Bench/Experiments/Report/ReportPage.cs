using System.Globalization;
using System.Text;
using System.Text.Json;
using FisherKernels.Cli.Run;
using FisherKernels.Learning.Files;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Metrics;

namespace FisherKernels.Bench.Experiments.Report;

/// <summary>One page of Markdown with figures and a table of numbers, from kept runs.</summary>
internal static class ReportPage
{
    /// <summary>Writes report.md, report.csv and the figures.</summary>
    /// <param name="folder">Must be there.</param>
    /// <param name="runs">What is reported on, each with golden rewards where they were found.</param>
    public static void Save(string folder, IReadOnlyList<(KeptRun Run, float[]? Golden)> runs)
    {
        var page = new StringBuilder("""
            # Strategies against each other

            Means over seeds ± half the 95 % interval (Student). 1 − ρ: one less the rank correlation with the golden reward within held-out prompts, lower is better.
            Area: its mean over the rounds. Needed: annotations after which the mean curve, straight between rounds, reaches random's mean after the last round; the saving is in per
            cent of random's annotations, its interval a bootstrap over seeds, drawn in pairs with random's. A curve of few seeds can touch the target early by luck: random's own
            line, by the same rule, shows how much. Distinct: different responses over twice the pairs of a batch. The first batch is
            random for every strategy and counts in no column about what was chosen.

            """.ReplaceLineEndings("\n"));
        var table = new StringBuilder(
            "run,data,strategy,seeds,labels,one_minus_spearman,half_width,area,area_half_width,best_of_n,best_of_n_half_width,accuracy_first,accuracy_last,needed,saved_percent,saved_low,saved_high,distinct_share,mean_gap,select_seconds,train_seconds\n");
        for (int number = 0; number < runs.Count; number++)
        {
            (KeptRun run, float[]? golden) = runs[number];
            StrategySummary[] strategies = [.. run.Strategies.Select(strategy => StrategySummary.Of(run, strategy, golden))];
            Write(page, folder, number + 1, run, strategies);
            foreach (StrategySummary s in strategies)
            {
                table.Append(string.Join(',', (string[])
                    [
                        run.Name, run.Data, s.Strategy, $"{s.Seeds}", $"{s.Labels}",
                        .. ((double[])[s.Final.Mean, s.Final.HalfWidth, s.Area.Mean, s.Area.HalfWidth, s.BestOf.Mean, s.BestOf.HalfWidth, s.AccuracyFirst.Mean, s.AccuracyLast.Mean,
                            s.Saving?.Needed ?? double.NaN, s.Saving?.Percent ?? double.NaN, s.Saving?.Low ?? double.NaN, s.Saving?.High ?? double.NaN,
                            s.DistinctShare, MeanGap(s), s.SelectSeconds, s.TrainSeconds])
                            .Select(value => double.IsFinite(value) ? value.ToString("G6", CultureInfo.InvariantCulture) : ""),
                    ])).Append('\n');
            }
        }

        Put("report.md", page);
        Put("report.csv", table);

        void Put(string name, StringBuilder text) => AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static void Write(StringBuilder page, string folder, int number, KeptRun run, StrategySummary[] strategies)
    {
        string prefix = FormattableString.Invariant($"{number}-{run.Data}");
        string bestOf = run.BestOf is int n ? $"best of {n}" : "best of the largest N";
        CurveFigure.Save(Path.Combine(folder, $"{prefix}-curves"),
        [
            new("Rank correlation on held-out prompts (lower is better)", "1 − ρ", Curves(run, e => e.OneMinusSpearman)),
            new($"B{bestOf[1..]} (higher is better)", "golden reward", Curves(run, e => e.BestOfN[^1])),
        ]);
        page.Append(CultureInfo.InvariantCulture, $"\n## {run.Data}, run {run.Name}\n\n{Settings(run.Plan)}\n\n![Learning curves]({prefix}-curves.png)\n\n");
        page.Append(CultureInfo.InvariantCulture, $"| strategy | seeds | labels | 1 − ρ | area | {bestOf} | accuracy, first → last | needed | saving | distinct | mean gap | select s | train s |\n");
        page.Append("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (StrategySummary s in strategies)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {s.Strategy} | {s.Seeds} | {s.Labels} | {Text(s.Final)} | {Text(s.Area)} | {Text(s.BestOf)} | {s.AccuracyFirst.Mean:F3} → {s.AccuracyLast.Mean:F3} | {Needed(s.Saving)} | {Saved(s.Saving)} | {Number(s.DistinctShare, "F2")} | {Number(MeanGap(s), "F2")} | {Number(s.SelectSeconds, "F3")} | {Number(s.TrainSeconds, "F3")} |\n");
        }

        if (!run.Strategies.Contains(KeptRun.Baseline))
        {
            page.Append("\nThere is no cell of random here, and so no saving against it.\n");
        }

        if (strategies.Any(strategy => strategy.Gaps.Length > 0))
        {
            GapFigure.Save(Path.Combine(folder, $"{prefix}-gaps.png"), strategies);
            page.Append(CultureInfo.InvariantCulture, $"\n![Reward gaps of the chosen pairs]({prefix}-gaps.png)\n");
        }
        else
        {
            page.Append("\nThe golden rewards of this data set were not found, so gaps of the chosen pairs are left out; name its folder with --data.\n");
        }
    }

    private static Curve[] Curves(KeptRun run, Func<Evaluation, double> measure) => [.. run.Strategies.Select(strategy =>
    {
        KeptCell[] cells = run.Of(strategy);
        int[] rounds = [.. Enumerable.Range(0, run.RoundsOf(strategy))];
        return new Curve(
            strategy,
            [.. rounds.Select(round => (double)cells[0].Rounds[round].Labels)],
            [.. rounds.Select(round => Band.Of([.. cells.Select(cell => measure(cell.Rounds[round].Evaluation))]))]);
    })];

    private static string Settings(JsonElement plan) => string.Join(", ", plan.EnumerateObject()
        .Where(property => property.Name is "annotator" or "batch" or "scope" or "prompts" or "candidates" or "hidden" or "ridge" or "steps")
        .Select(property => $"{property.Name} {(property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : string.Join('×', property.Value.GetRawText().Trim('[', ']').Split(',', StringSplitOptions.TrimEntries)))}"));

    private static double MeanGap(StrategySummary s) => s.Gaps.DefaultIfEmpty(double.NaN).Average();

    private static string Text(Band band) => double.IsNaN(band.HalfWidth)
        ? band.Mean.ToString("F3", CultureInfo.InvariantCulture)
        : FormattableString.Invariant($"{band.Mean:F3} ± {band.HalfWidth:F3}");

    private static string Number(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "–";

    private static string Needed(Saving? saving) => saving is null ? "–" : double.IsInfinity(saving.Needed) ? "not reached" : saving.Needed.ToString("F0", CultureInfo.InvariantCulture);

    private static string Saved(Saving? saving)
    {
        return saving is null ? "–"
            : double.IsNaN(saving.Low) ? Percent(saving.Percent)
            : $"{Percent(saving.Percent)} [{Percent(saving.Low)}, {Percent(saving.High)}]";

        static string Percent(double value) => double.IsInfinity(value) ? "none" : FormattableString.Invariant($"{value:F0} %");
    }
}
