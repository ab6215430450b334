using FisherKernels.Experiments;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning.Metrics;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>A strategy beside random, seed by seed: a seed's data and answers are the same for both, and so is its luck.</summary>
/// <param name="Cells">Those of the seeds that both have, at least one.</param>
/// <param name="Rounds">Those that are looked at; each of the cells has them, with the same numbers of labels.</param>
internal sealed record Paired(IReadOnlyList<(KeptCell Random, KeptCell Own)> Cells, int Rounds)
{
    /// <summary>Strategy less random, 1 − ρ after the last of these rounds: mean and half the paired 95 % interval, NaN for a
    /// single seed.</summary>
    public Band Final => Difference(cell => cell.Rounds[Rounds - 1].Evaluation.OneMinusSpearman);

    /// <summary>The same of the mean 1 − ρ over the rounds.</summary>
    public Band Area => Difference(cell => cell.Rounds.Take(Rounds).Average(round => round.Evaluation.OneMinusSpearman));

    /// <summary>Of a strategy, or null where it shares no seed with random.</summary>
    /// <param name="run">Where both ran.</param>
    /// <param name="strategy">Its name.</param>
    /// <param name="rounds">At most those that all cells of the run have.</param>
    public static Paired? Of(KeptRun run, string strategy, int rounds)
    {
        (KeptCell Random, KeptCell Own)[] cells =
            [.. run.CellsOf(KeptRun.Baseline)
                .Join(run.CellsOf(strategy), cell => cell.Seed, cell => cell.Seed, (random, own) => (random, own))];
        return cells.Length == 0 ? null : new Paired(cells, rounds);
    }

    private Band Difference(Func<KeptCell, double> measure) =>
        Band.From([.. Cells.Select(pair => measure(pair.Own) - measure(pair.Random))]);
}
