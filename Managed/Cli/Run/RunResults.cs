using System.Globalization;
using System.Text;
using System.Text.Json;
using FisherKernels.Learning.Files;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Metrics;
using Spectre.Console;

namespace FisherKernels.Cli.Run;

/// <summary>The rounds of one cell.</summary>
internal sealed record CellResult(Cell Cell, IReadOnlyList<SimulationRound> Rounds, IReadOnlyList<RoundSeconds> Seconds);

/// <summary>What is made of the rounds of all cells: files, a table, a figure. Nothing but timings.csv depends on the clock.</summary>
internal sealed class RunResults(RunPlan plan, IReadOnlyList<int> bestOf, IReadOnlyList<CellResult> cells)
{
    /// <summary>Writes results.csv, timings.csv, summary.json, curves.png and curves.svg.</summary>
    public void Save(RunFolder folder)
    {
        Write(folder.PathOf("results.csv"), ResultsCsv());
        Write(folder.PathOf("timings.csv"), TimingsCsv());
        Write(folder.PathOf("summary.json"), Summary() + "\n");
        if (cells.Any(cell => cell.Rounds.Count > 0))
        {
            CurveFigure.Save(folder.PathOf("curves"), Panels());
        }
    }

    /// <summary>A line per strategy: where it stands after the last round, and what that took.</summary>
    /// <param name="width">Columns of characters there are; measures that do not fit are left to summary.json, the last first.</param>
    public Table Table(int width)
    {
        int n = bestOf[^1];
        List<string[]> columns = [["strategy"], ["1 − ρ"], ["area"], [$"best of {n}"], ["accuracy"], ["log-loss"], ["select s"], ["train s"]];
        foreach (Learning.Acquisition.Strategy strategy in plan.Strategies)
        {
            Evaluation[] last = [.. Last(strategy.Name)];
            if (last.Length == 0)
            {
                continue;
            }

            RoundSeconds[] seconds = [.. cells.Where(cell => cell.Cell.Strategy.Name == strategy.Name).SelectMany(cell => cell.Seconds)];
            string[] row =
            [
                strategy.Name,
                Text(Band.Of([.. last.Select(e => e.OneMinusSpearman)])),
                Text(Area(strategy.Name)),
                Text(Band.Of([.. last.Select(e => e.BestOfN[^1])])),
                Text(Band.Of([.. last.Select(e => e.Accuracy)])),
                Text(Band.Of([.. last.Select(e => e.LogLoss)])),
                Seconds(seconds.Select(s => s.Select)),
                Seconds(seconds.Select(s => s.Train)),
            ];
            for (int j = 0; j < row.Length; j++)
            {
                columns[j] = [.. columns[j], row[j]];
            }
        }

        // A border and two blanks each, and the last border. The first measure stays however narrow it is.
        while (columns.Count > 2 && columns.Sum(column => column.Max(text => text.Length) + 3) + 1 > width)
        {
            columns.RemoveAt(columns.Count - 1);
        }

        var table = new Table().Title(Markup.Escape($"after {Labels()} labels, mean of {plan.Seeds.Count} seeds ± half the 95 % interval"));
        foreach ((string[] column, int j) in columns.Select((column, j) => (column, j)))
        {
            var header = new TableColumn(Markup.Escape(column[0])).NoWrap();
            table.AddColumn(j == 0 ? header : header.RightAligned());
        }

        for (int row = 1; row < columns[0].Length; row++)
        {
            table.AddRow([.. columns.Select(column => column[row])]);
        }

        return table;

        static string Text(Band band) => double.IsNaN(band.HalfWidth)
            ? FormattableString.Invariant($"{band.Mean:F3}")
            : FormattableString.Invariant($"{band.Mean:F3} ± {band.HalfWidth:F3}");

        static string Seconds(IEnumerable<double> seconds) => seconds.Any() ? seconds.Average().ToString("F3", CultureInfo.InvariantCulture) : "–";
    }

    /// <summary>The numbers of the table and the curves, for programs.</summary>
    public string Summary() => JsonSerializer.Serialize(
        new
        {
            data = plan.Data.Name,
            rounds = plan.Rounds,
            seeds = plan.Seeds,
            labels = Labels(),
            bestOf,
            strategies = plan.Strategies.Select(strategy => new
            {
                name = strategy.Name,
                complete = cells.Where(cell => cell.Cell.Strategy.Name == strategy.Name).All(cell => cell.Rounds.Count >= plan.Rounds),
                final = new
                {
                    oneMinusSpearman = Of(strategy.Name, e => e.OneMinusSpearman),
                    bestOfN = bestOf.Select((n, j) => new { n, reward = Of(strategy.Name, e => e.BestOfN[j]) }),
                    accuracy = Of(strategy.Name, e => e.Accuracy),
                    logLoss = Of(strategy.Name, e => e.LogLoss),
                    calibrationError = Of(strategy.Name, e => e.CalibrationError),
                },
                areaUnderOneMinusSpearman = Area(strategy.Name),
                curve = CurveOf(strategy.Name, e => e.OneMinusSpearman) is var curve
                    ? curve.Labels.Select((labels, j) => new { labels, oneMinusSpearman = curve.Bands[j] })
                    : null,
            }),
        },
        JsonText.Indented);

    private static void Write(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private static string Number(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";

    private string ResultsCsv()
    {
        var text = new StringBuilder("strategy,seed,round,labels,one_minus_spearman,spearman");
        foreach (int n in bestOf)
        {
            text.Append(CultureInfo.InvariantCulture, $",best_of_{n}");
        }

        text.Append(",accuracy,log_loss,calibration_error,training_steps,held_out_loss,candidates,log_det\n");
        foreach (CellResult cell in cells)
        {
            foreach (SimulationRound round in cell.Rounds)
            {
                Evaluation e = round.Evaluation;
                string[] numbers =
                [
                    .. ((double[])[e.OneMinusSpearman, e.Spearman, .. e.BestOfN, e.Accuracy, e.LogLoss, e.CalibrationError]).Select(Number),
                    round.TrainingSteps.ToString(CultureInfo.InvariantCulture),
                    Number(round.HeldOutLoss ?? double.NaN),
                    round.Candidates.ToString(CultureInfo.InvariantCulture),
                    Number(round.LogDeterminant ?? double.NaN),
                ];
                text.Append(CultureInfo.InvariantCulture, $"{cell.Cell.Strategy.Name},{cell.Cell.Seed},{round.Round},{round.Labels},{string.Join(',', numbers)}\n");
            }
        }

        return text.ToString();
    }

    private string TimingsCsv()
    {
        var text = new StringBuilder("strategy,seed,round,select_seconds,train_seconds,evaluate_seconds\n");
        foreach (CellResult cell in cells)
        {
            foreach (RoundSeconds spent in cell.Seconds)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{cell.Cell.Strategy.Name},{cell.Cell.Seed},{spent.Round},{spent.Select:F6},{spent.Train:F6},{spent.Evaluate:F6}\n");
            }
        }

        return text.ToString();
    }

    private Panel[] Panels()
    {
        int n = bestOf[^1];
        return
        [
            new("Rank correlation on held-out prompts (lower is better)", "1 − ρ", Curves(e => e.OneMinusSpearman)),
            new($"Best of {n} (higher is better)", $"golden reward of the best of {n}", Curves(e => e.BestOfN[^1])),
        ];

        Curve[] Curves(Func<Evaluation, double> measure) =>
            [.. plan.Strategies.Select(strategy => CurveOf(strategy.Name, measure)).Where(curve => curve.Labels.Length > 0)];
    }

    // Rounds that every seed has reached: a mean over fewer seeds would jump.
    private Curve CurveOf(string strategy, Func<Evaluation, double> measure)
    {
        CellResult[] seeds = [.. cells.Where(cell => cell.Cell.Strategy.Name == strategy)];
        int rounds = seeds.Length == 0 ? 0 : seeds.Min(cell => cell.Rounds.Count);
        return new Curve(
            strategy,
            [.. Enumerable.Range(0, rounds).Select(round => (double)seeds[0].Rounds[round].Labels)],
            [.. Enumerable.Range(0, rounds).Select(round => Band.Of([.. seeds.Select(cell => measure(cell.Rounds[round].Evaluation))]))]);
    }

    // Mean of 1 − ρ over the rounds, seed by seed: how low the whole curve lies, not only its end.
    private Band Area(string strategy) => Band.Of([.. cells
        .Where(cell => cell.Cell.Strategy.Name == strategy && cell.Rounds.Count > 0)
        .Select(cell => cell.Rounds.Average(round => round.Evaluation.OneMinusSpearman))]);

    private IEnumerable<Evaluation> Last(string strategy) => cells
        .Where(cell => cell.Cell.Strategy.Name == strategy && cell.Rounds.Count > 0)
        .Select(cell => cell.Rounds[^1].Evaluation);

    private Band Of(string strategy, Func<Evaluation, double> measure) => Band.Of([.. Last(strategy).Select(measure)]);

    private int Labels() => cells.SelectMany(cell => cell.Rounds).Select(round => round.Labels).DefaultIfEmpty().Max();
}
