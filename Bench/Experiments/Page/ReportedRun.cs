using FisherKernels.Experiments.Runs;
using FisherKernels.Learning;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>A run and what is said about it.</summary>
/// <param name="Number">From 1, in the order in which the runs were named: tells apart runs whose folders have one name.</param>
/// <param name="Run">What was read.</param>
/// <param name="Strategies">A line each, the baseline first.</param>
/// <param name="HasGolden">Whether the golden rewards were found.</param>
/// <param name="HasEmbeddings">Whether the embeddings were found.</param>
internal sealed record ReportedRun(int Number, KeptRun Run, IReadOnlyList<StrategySummary> Strategies, bool HasGolden, bool HasEmbeddings)
{
    /// <summary>What its figures' names begin with.</summary>
    public string Prefix => FormattableString.Invariant($"{Number}-{Run.Data}");

    /// <summary>The strategy's line, or null where the run lacks it.</summary>
    public StrategySummary? Of(string strategy) => Strategies.FirstOrDefault(summary => summary.Strategy == strategy);

    /// <summary>Sums up runs, with the data found in folders; a data set is opened once, however many runs are of it.</summary>
    /// <exception cref="InputException">Data that is damaged, or of another run.</exception>
    public static IReadOnlyList<ReportedRun> All(IReadOnlyList<KeptRun> runs, IReadOnlyList<string> folders)
    {
        var opened = new Dictionary<string, TrainData>();
        try
        {
            foreach (KeptRun run in runs)
            {
                if (!opened.TryGetValue(run.Data, out TrainData? data))
                {
                    opened[run.Data] = data = TrainData.Open(run.Data, folders);
                }

                data.RequireAllOf(run);
            }

            return [.. runs.Select((run, j) =>
            {
                TrainData data = opened[run.Data];
                return new ReportedRun(
                    j + 1, run, [.. run.Strategies.Select(strategy => StrategySummary.Of(run, strategy, data))], data.Golden is not null,
                    data.Rows is not null);
            })];
        }
        finally
        {
            foreach (TrainData data in opened.Values)
            {
                data.Dispose();
            }
        }
    }
}
