using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Metrics;

namespace FisherKernels.Bench.Experiments.Report;

/// <summary>A line of the report: one strategy in one run.</summary>
/// <param name="Strategy">Its name.</param>
/// <param name="Seeds">Repetitions.</param>
/// <param name="Labels">Annotations after the last round that every seed has.</param>
/// <param name="Final">1 − ρ after it.</param>
/// <param name="Area">Mean 1 − ρ over the rounds, seed by seed.</param>
/// <param name="BestOf">Golden reward of the best of the largest N after it.</param>
/// <param name="AccuracyFirst">After the first batch, which is random.</param>
/// <param name="AccuracyLast">After the last.</param>
/// <param name="DistinctShare">Distinct responses over twice the pairs, mean over the batches that the strategy chose; NaN where it chose none.</param>
/// <param name="SelectSeconds">A round, mean.</param>
/// <param name="TrainSeconds">A round, mean.</param>
/// <param name="Saving">Against random, or null.</param>
/// <param name="Gaps">|r*[a] − r*[b]| of the pairs that the strategy chose; empty without golden rewards.</param>
internal sealed record StrategySummary(
    string Strategy,
    int Seeds,
    int Labels,
    Band Final,
    Band Area,
    Band BestOf,
    Band AccuracyFirst,
    Band AccuracyLast,
    double DistinctShare,
    double SelectSeconds,
    double TrainSeconds,
    Saving? Saving,
    double[] Gaps)
{
    /// <summary>Of a strategy.</summary>
    /// <param name="run">Where it ran.</param>
    /// <param name="strategy">Its name.</param>
    /// <param name="golden">r* of the responses learned from, or null.</param>
    public static StrategySummary Of(KeptRun run, string strategy, float[]? golden)
    {
        KeptCell[] cells = run.Of(strategy);
        int rounds = run.RoundsOf(strategy);
        SimulationRound[] chosen = [.. cells.SelectMany(cell => cell.Rounds.Where(round => round.ChosenBy == strategy && round.First.Length > 0))];
        RoundSeconds[] seconds = [.. cells.SelectMany(cell => cell.Seconds)];
        return new StrategySummary(
            strategy,
            cells.Length,
            cells[0].Rounds[rounds - 1].Labels,
            After(rounds - 1, evaluation => evaluation.OneMinusSpearman),
            Band.Of([.. cells.Select(cell => cell.Rounds.Take(rounds).Average(round => round.Evaluation.OneMinusSpearman))]),
            After(rounds - 1, evaluation => evaluation.BestOfN[^1]),
            After(0, evaluation => evaluation.Accuracy),
            After(rounds - 1, evaluation => evaluation.Accuracy),
            Mean(chosen.Select(round => round.First.Concat(round.Second).Distinct().Count() / (2.0 * round.First.Length))),
            Mean(seconds.Select(round => round.Select)),
            Mean(seconds.Select(round => round.Train)),
            Saving.Of(run, strategy),
            golden is null ? [] : [.. chosen.SelectMany(round => round.First.Zip(round.Second, (a, b) => Math.Abs((double)golden[a] - golden[b])))]);

        Band After(int round, Func<Evaluation, double> measure) => Band.Of([.. cells.Select(cell => measure(cell.Rounds[round].Evaluation))]);

        static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();
    }
}
