using System.Globalization;
using System.Text;
using System.Text.Json;
using FisherKernels.Experiments.Figures;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Metrics;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Experiments.Runs;

/// <summary>The rounds of one cell.</summary>
public sealed record CellResult(Cell Cell, IReadOnlyList<SimulationRound> Rounds, IReadOnlyList<RoundSeconds> Seconds);

/// <summary>What is made of the rounds of all cells: files and a figure. Nothing but timings.csv depends on the clock.</summary>
/// <remarks>Rounds beyond those asked for, which an earlier command ran, are in none of it.</remarks>
public sealed class RunResults
{
    /// <summary>What is written now: of summary.json, and of the two tables, which have no place for it.</summary>
    public const int SummaryVersion = 2, TableVersion = 1;

    private const string ResultsName = "results.csv", TimingsName = "timings.csv", SummaryName = "summary.json", CurvesName = "curves";

    private readonly RunPlan _plan;
    private readonly IReadOnlyList<int> _bestOf;
    private readonly CellResult[] _cells;

    /// <param name="plan">What was asked for.</param>
    /// <param name="bestOf">N of each best-of-N.</param>
    /// <param name="cells">What is kept of it.</param>
    public RunResults(RunPlan plan, IReadOnlyList<int> bestOf, IReadOnlyList<CellResult> cells)
    {
        (_plan, _bestOf) = (plan, bestOf);
        _cells = [.. cells.Select(cell => cell with
        {
            Rounds = [.. cell.Rounds.Take(plan.Rounds)],
            Seconds = [.. cell.Seconds.Where(spent => spent.Round < Math.Min(plan.Rounds, cell.Rounds.Count))],
        })];
        Common = CommonRounds.From(plan, _cells);
    }

    /// <summary>Names of the files that are made.</summary>
    public static IReadOnlyList<string> Files { get; } = [ResultsName, TimingsName, SummaryName, $"{CurvesName}.png", $"{CurvesName}.svg"];

    /// <summary>What is compared.</summary>
    public CommonRounds Common { get; }

    /// <summary>The largest N of best-of-N.</summary>
    public int LargestN => _bestOf[^1];

    /// <summary>Strategies asked for of which no round is kept.</summary>
    public IReadOnlyList<string> WithoutRounds => [.. _plan.Strategies.Select(strategy => strategy.Name).Except(Common.Strategies)];

    /// <summary>Writes results.csv, timings.csv, summary.json, curves.png and curves.svg; what is there already stays as it is.</summary>
    public void Save(RunFolder folder)
    {
        folder.Save(ResultsName, ResultsCsv());
        folder.Save(TimingsName, TimingsCsv());
        folder.Save(SummaryName, Summary() + "\n");
        if (Common.Rounds > 0)
        {
            CurveFigure.Save(folder.PathOf(CurvesName), Panels());
        }
    }

    /// <summary>The numbers of the table and the curves, for programs; null for what is not defined or not there yet.</summary>
    public string Summary() => JsonSerializer.Serialize(
        new
        {
            format = "fisher-summary",
            version = SummaryVersion,
            tables = Files.Where(name => name.EndsWith(".csv", StringComparison.Ordinal))
                .Select(name => new { name, version = TableVersion }),
            data = _plan.Data.Name,
            rounds = _plan.Rounds,
            seeds = _plan.Seeds,
            complete = _plan.Strategies.All(strategy => IsComplete(strategy.Name)),
            comparedRounds = Common.Rounds,
            comparedSeeds = Common.Seeds,
            labels = Common.Rounds == 0 ? 0 : Common.Labels[^1],
            bestOf = _bestOf,
            strategies = _plan.Strategies.Select(strategy => new
            {
                name = strategy.Name,
                complete = IsComplete(strategy.Name),
                final = new
                {
                    oneMinusSpearman = Final(strategy.Name, e => e.OneMinusSpearman),
                    bestOfN = _bestOf.Select((n, j) => new { n, reward = Final(strategy.Name, e => e.BestOfN[j]) }),
                    accuracy = Final(strategy.Name, e => e.Accuracy),
                    logLoss = Final(strategy.Name, e => e.LogLoss),
                    calibrationError = Final(strategy.Name, e => e.CalibrationError),
                },
                areaUnderOneMinusSpearman = Area(strategy.Name),
                curve = CurveOf(strategy.Name, e => e.OneMinusSpearman) is var curve
                    ? curve.Labels.Select((labels, j) => new { labels, oneMinusSpearman = curve.Bands[j] })
                    : null,
            }),
        },
        JsonText.Indented);

    /// <summary>A measure after the last round compared, over the seeds compared.</summary>
    public Band Final(string strategy, Func<Evaluation, double> measure) =>
        Band.From([.. Compared(strategy).Select(cell => measure(cell.Rounds[Common.Rounds - 1].Evaluation))]);

    /// <summary>Mean of 1 − ρ over the rounds compared, seed by seed: how low the whole curve lies, not only its end.</summary>
    public Band Area(string strategy) => Band.From([.. Compared(strategy)
        .Select(cell => cell.Rounds.Take(Common.Rounds).Average(round => round.Evaluation.OneMinusSpearman))]);

    /// <summary>Mean wall time of a round, over rounds of which every strategy compared has it; NaN where there is none.</summary>
    public double Seconds(string strategy, Func<RoundSeconds, double> part)
    {
        ILookup<(int Seed, int Round), string> known = Common.Strategies
            .SelectMany(name => Compared(name)
                .SelectMany(cell => cell.Seconds.Select(spent => (Key: (cell.Cell.Seed, spent.Round), name)).Distinct()))
            .ToLookup(entry => entry.Key, entry => entry.name);
        return Compared(strategy)
            .SelectMany(cell => cell.Seconds.Where(
                spent => spent.Round < Common.Rounds && known[(cell.Cell.Seed, spent.Round)].Count() == Common.Strategies.Count))
            .Select(part)
            .DefaultIfEmpty(double.NaN)
            .Average();
    }

    private static string Number(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";

    private bool IsComplete(string strategy) =>
        _plan.Seeds.All(seed => _cells.Any(
            cell => cell.Cell.Strategy.Name == strategy && cell.Cell.Seed == seed && cell.Rounds.Count == _plan.Rounds));

    private IEnumerable<CellResult> Compared(string strategy) =>
        Common.Rounds == 0 ? [] : _cells.Where(cell => cell.Cell.Strategy.Name == strategy && Common.Has(cell));

    private string ResultsCsv()
    {
        var text = new StringBuilder("strategy,seed,round,labels,one_minus_spearman,spearman");
        foreach (int n in _bestOf)
        {
            text.Append(CultureInfo.InvariantCulture, $",best_of_{n}");
        }

        text.Append(",accuracy,log_loss,calibration_error,training_steps,held_out_loss,candidates,log_det\n");
        foreach (CellResult cell in _cells)
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
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{cell.Cell.Strategy.Name},{cell.Cell.Seed},{round.Round},{round.Labels},{string.Join(',', numbers)}\n");
            }
        }

        return text.ToString();
    }

    private string TimingsCsv()
    {
        var text = new StringBuilder("strategy,seed,round,select_seconds,train_seconds,evaluate_seconds\n");
        foreach (CellResult cell in _cells)
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
        return
        [
            new("1 − rank correlation ρ on held-out prompts (lower is better)", "1 − ρ", Curves(e => e.OneMinusSpearman)),
            new($"Best of {LargestN} (higher is better)", $"golden reward of the best of {LargestN}", Curves(e => e.BestOfN[^1])),
        ];

        Curve[] Curves(Func<Evaluation, double> measure) => [.. Common.Strategies.Select(strategy => CurveOf(strategy, measure))];
    }

    private Curve CurveOf(string strategy, Func<Evaluation, double> measure)
    {
        CellResult[] cells = [.. Compared(strategy)];
        return new Curve(
            strategy,
            cells.Length == 0 ? [] : [.. Common.Labels.Select(labels => (double)labels)],
            cells.Length == 0 ? [] :
                [.. Common.Labels.Select((_, round) => Band.From([.. cells.Select(cell => measure(cell.Rounds[round].Evaluation))]))]);
    }
}
