using System.Globalization;
using System.Text;
using FisherKernels.Experiments;
using FisherKernels.Experiments.Figures;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Metrics;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>One page of Markdown with figures and tables of numbers, from kept runs.</summary>
internal static class ReportPage
{
    /// <summary>Writes report.md and the figures.</summary>
    /// <param name="folder">Must be there.</param>
    /// <param name="runs">What is reported on.</param>
    public static void Save(string folder, IReadOnlyList<ReportedRun> runs)
    {
        var page = new StringBuilder(
            "# Strategies against each other\n\n"
            + "Each run at one number of labels: after the rounds that all of its cells have. Means over seeds ± half the 95 % interval "
            + "(Student). 1 − ρ: one less the rank correlation with the golden reward within held-out prompts, lower is better.\n"
            + "Area: its mean over the rounds. Δ random: strategy less random, mean over the seeds that both have ± half the paired "
            + "interval, below 0 is better; **bold** where the interval\n"
            + "excludes 0. Needed: annotations after which the mean curve, straight between rounds, reaches random's mean after the last "
            + "round; the saving is in per\n"
            + "cent of random's annotations, its interval a bootstrap over seeds, drawn in pairs with random's. A curve of few seeds can "
            + "touch the target early by luck: random's own\n"
            + "line, by the same rule, shows how much.\n\n"
            + "Of the batches that a strategy chose, in the mean (the first batch is random for every strategy and does not count). "
            + "Distinct: different responses over twice the pairs.\n"
            + "Pair distance: mean of min(‖δ_i − δ_j‖, ‖δ_i + δ_j‖) over two comparisons of a batch, δ = (ψ_a − ψ_b)/√D from embeddings "
            + "standardised on all responses learned from. Log det: of\n"
            + "1 + Σ δδᵀ. Neither looks at a model, so they compare strategies and seeds. Mean gap: |r*[a] − r*[b]|. Seconds are a "
            + "round's.\n");
        if (runs.Count > 1)
        {
            Overview.Write(page, folder, runs);
        }

        foreach (ReportedRun run in runs)
        {
            Write(page, folder, run);
        }

        AtomicFile.Write(Path.Combine(folder, "report.md"), stream => stream.Write(Encoding.UTF8.GetBytes(page.ToString())));
    }

    private static void Write(StringBuilder page, string folder, ReportedRun reported)
    {
        KeptRun run = reported.Run;
        string bestOf = run.BestOf is int n ? $"best of {n}" : "best of the largest N";
        CurveFigure.Save(Path.Combine(folder, $"{reported.Prefix}-curves"),
        [
            new("1 − rank correlation ρ on held-out prompts (lower is better)", "1 − ρ", Curves(run, e => e.OneMinusSpearman)),
            new($"B{bestOf[1..]} (higher is better)", "golden reward", Curves(run, e => e.BestOfN[^1])),
        ]);
        page.Append(CultureInfo.InvariantCulture,
            $"\n## {reported.Number}. {run.Data}, run {run.Name}\n\n{PlanSettings.Of(run.Plan)}\n\n"
            + $"![Learning curves]({reported.Prefix}-curves.png)\n\n");
        page.Append(CultureInfo.InvariantCulture,
            $"| strategy | seeds | labels | 1 − ρ | Δ random | area | Δ random | {bestOf} | accuracy, first → last | needed | saving |\n");
        page.Append("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (StrategySummary s in reported.Strategies)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {s.Strategy} | {s.Seeds} | {s.Labels} | {Words.Of(s.Final)} | {Words.OfDifference(s.FinalMinusRandom)} | "
                + $"{Words.Of(s.Area)} | {Words.OfDifference(s.AreaMinusRandom)} | {Words.Of(s.BestOf)} | "
                + $"{Words.Of(s.AccuracyFirst.Mean, "F3")} → {Words.Of(s.AccuracyLast.Mean, "F3")} | {Words.OfNeeded(s.Saving)} | "
                + $"{Words.OfSaved(s.Saving)} |\n");
        }

        if (reported.Of(KeptRun.Baseline) is null)
        {
            page.Append("\nThere is no cell of random here, and so nothing against it.\n");
        }

        page.Append("\n| strategy | distinct | pair distance | log det | mean gap | select s | train s "
            + "|\n|---|---:|---:|---:|---:|---:|---:|\n");
        foreach (StrategySummary s in reported.Strategies)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {s.Strategy} | {Words.Of(s.DistinctShare, "F2")} | {Words.Of(s.PairDistance, "F3")} | {Words.Of(s.LogDet, "F1")} | "
                + $"{Words.Of(s.MeanGap, "F2")} | {Words.Of(s.SelectSeconds, "F3")} | {Words.Of(s.TrainSeconds, "F3")} |\n");
        }

        WriteGaps(page, folder, reported);
    }

    private static void WriteGaps(StringBuilder page, string folder, ReportedRun reported)
    {
        if (!reported.HasEmbeddings)
        {
            page.Append("\nThe embeddings of this data set were not found, so distance and log det of the batches are left out; name "
                + "its folder with --data.\n");
        }

        if (!reported.HasGolden)
        {
            page.Append("\nThe golden rewards of this data set were not found, so gaps of the chosen pairs are left out; name its "
                + "folder with --data.\n");
        }
        else if (reported.Strategies.Any(strategy => strategy.Gaps.Length > 0))
        {
            GapFigure.Save(Path.Combine(folder, $"{reported.Prefix}-gaps.png"), reported.Strategies);
            page.Append(CultureInfo.InvariantCulture, $"\n![Reward gaps of the chosen pairs]({reported.Prefix}-gaps.png)\n");
        }
    }

    private static Curve[] Curves(KeptRun run, Func<Evaluation, double> measure) => [.. run.Strategies.Select(strategy =>
    {
        KeptCell[] cells = run.CellsOf(strategy);
        return new Curve(
            strategy,
            [.. run.Labels.Select(labels => (double)labels)],
            [.. run.Labels.Select((_, round) => Band.From([.. cells.Select(cell => measure(cell.Rounds[round].Evaluation))]))]);
    })];
}
