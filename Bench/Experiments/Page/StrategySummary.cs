using FisherKernels.Experiments;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Metrics;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>A line of the report: one strategy in one run.</summary>
/// <param name="Strategy">Its name.</param>
/// <param name="Seeds">Repetitions.</param>
/// <param name="Labels">Annotations after the last round that every cell of the run has; nothing here looks beyond it.</param>
/// <param name="Final">1 − ρ after it.</param>
/// <param name="Area">Mean 1 − ρ over the rounds, seed by seed.</param>
/// <param name="BestOf">Golden reward of the best of the largest N after it.</param>
/// <param name="AccuracyFirst">After the first batch, which is random.</param>
/// <param name="AccuracyLast">After the last.</param>
/// <param name="DistinctShare">Distinct responses over twice the pairs, mean over the batches that the strategy chose; NaN where it
/// chose none.</param>
/// <param name="PairDistance">Mean distance between two comparisons of such a batch; NaN without embeddings.</param>
/// <param name="LogDet">log det of such a batch; NaN without embeddings.</param>
/// <param name="SelectSeconds">A round, mean.</param>
/// <param name="TrainSeconds">A round, mean.</param>
/// <param name="FinalMinusRandom">1 − ρ at the end less random's, paired by seed; null for random itself and where it shares no
/// seed with random.</param>
/// <param name="AreaMinusRandom">The same of the area.</param>
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
    double PairDistance,
    double LogDet,
    double SelectSeconds,
    double TrainSeconds,
    Band? FinalMinusRandom,
    Band? AreaMinusRandom,
    Saving? Saving,
    double[] Gaps)
{
    /// <summary>NaN without gaps.</summary>
    public double MeanGap => Gaps.DefaultIfEmpty(double.NaN).Average();

    /// <summary>Of a strategy.</summary>
    /// <param name="run">Where it ran.</param>
    /// <param name="strategy">Its name.</param>
    /// <param name="data">Golden rewards and embeddings of the responses learned from, as far as they were found.</param>
    /// <exception cref="FisherKernels.Learning.InputException">An embedding is NaN or infinite.</exception>
    public static StrategySummary Of(KeptRun run, string strategy, TrainData data)
    {
        KeptCell[] cells = run.CellsOf(strategy);
        int rounds = run.Labels.Count;

        // The first batch is random whatever the strategy, and left out of random's own line, too: there was nothing asked before it.
        SimulationRound[] chosen =
            [.. cells.SelectMany(
            cell => cell.Rounds.Take(rounds).Where(round => round.Round > 0 && round.ChosenBy == strategy && round.First.Length > 0))];
        BatchSpread[] spreads = data.Rows is { } rows
            ? [.. chosen.Select(round => BatchSpread.Of(rows.Differences(round.First, round.Second), rows.Columns))] : [];
        var paired = Paired.Of(run, strategy, rounds);
        Paired? beside = strategy == KeptRun.Baseline ? null : paired;
        RoundSeconds[] seconds = [.. cells.SelectMany(cell => cell.Seconds.Where(spent => spent.Round < rounds))];
        return new StrategySummary(
            strategy,
            cells.Length,
            run.Labels[^1],
            After(rounds - 1, evaluation => evaluation.OneMinusSpearman),
            Band.From([.. cells.Select(cell => cell.Rounds.Take(rounds).Average(round => round.Evaluation.OneMinusSpearman))]),
            After(rounds - 1, evaluation => evaluation.BestOfN[^1]),
            After(0, evaluation => evaluation.Accuracy),
            After(rounds - 1, evaluation => evaluation.Accuracy),
            Mean(chosen.Select(round => round.First.Concat(round.Second).Distinct().Count() / (2.0 * round.First.Length))),
            Mean(spreads.Select(spread => spread.PairDistance).Where(double.IsFinite)),
            Mean(spreads.Select(spread => spread.LogDet)),
            Mean(seconds.Select(round => round.Select)),
            Mean(seconds.Select(round => round.Train)),
            beside?.Final,
            beside?.Area,
            paired is { Final.Mean: var mean } && double.IsFinite(mean) ? Saving.Of(paired) : null,
            data.Golden is not { } golden
                ? [] : [.. chosen.SelectMany(round => round.First.Zip(round.Second, (a, b) => Math.Abs(golden[a] - golden[b])))]);

        Band After(int round, Func<Evaluation, double> measure) =>
            Band.From([.. cells.Select(cell => measure(cell.Rounds[round].Evaluation))]);

        static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();
    }
}
