using System.Globalization;
using System.Text;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>All numbers of a report as CSV, a line for each strategy of each run; what is not there is empty.</summary>
internal static class ReportTable
{
    private static readonly (string Name, Func<ReportedRun, StrategySummary, string> Value)[] Columns =
    [
        ("run", (run, _) => run.Run.Name),
        ("data", (run, _) => run.Run.Data),
        ("strategy", (_, s) => s.Strategy),
        ("seeds", (_, s) => Text(s.Seeds)),
        ("labels", (_, s) => Text(s.Labels)),
        ("one_minus_spearman", (_, s) => Text(s.Final.Mean)),
        ("half_width", (_, s) => Text(s.Final.HalfWidth)),
        ("area", (_, s) => Text(s.Area.Mean)),
        ("area_half_width", (_, s) => Text(s.Area.HalfWidth)),
        ("best_of_n", (_, s) => Text(s.BestOf.Mean)),
        ("best_of_n_half_width", (_, s) => Text(s.BestOf.HalfWidth)),
        ("accuracy_first", (_, s) => Text(s.AccuracyFirst.Mean)),
        ("accuracy_last", (_, s) => Text(s.AccuracyLast.Mean)),
        ("needed", (_, s) => Text(s.Saving?.Needed)),
        ("saved_percent", (_, s) => Text(s.Saving?.Percent)),
        ("saved_low", (_, s) => Text(s.Saving?.Low)),
        ("saved_high", (_, s) => Text(s.Saving?.High)),
        ("distinct_share", (_, s) => Text(s.DistinctShare)),
        ("mean_gap", (_, s) => Text(s.MeanGap)),
        ("select_seconds", (_, s) => Text(s.SelectSeconds)),
        ("train_seconds", (_, s) => Text(s.TrainSeconds)),
        ("pair_distance", (_, s) => Text(s.PairDistance)),
        ("log_det", (_, s) => Text(s.LogDet)),
        ("final_minus_random", (_, s) => Text(s.FinalMinusRandom?.Mean)),
        ("final_minus_random_half_width", (_, s) => Text(s.FinalMinusRandom?.HalfWidth)),
        ("area_minus_random", (_, s) => Text(s.AreaMinusRandom?.Mean)),
        ("area_minus_random_half_width", (_, s) => Text(s.AreaMinusRandom?.HalfWidth)),
        ("number", (run, _) => Text(run.Number)),
    ];

    /// <summary>Writes report.csv.</summary>
    /// <param name="folder">Must be there.</param>
    /// <param name="runs">What is reported on.</param>
    public static void Save(string folder, IReadOnlyList<ReportedRun> runs)
    {
        var table = new StringBuilder(string.Join(',', Columns.Select(column => column.Name))).Append('\n');
        foreach (ReportedRun run in runs)
        {
            foreach (StrategySummary summary in run.Strategies)
            {
                table.AppendJoin(',', Columns.Select(column => column.Value(run, summary))).Append('\n');
            }
        }

        AtomicFile.Write(Path.Combine(folder, "report.csv"), stream => stream.Write(Encoding.UTF8.GetBytes(table.ToString())));
    }

    private static string Text(double? value) =>
        value is double number && double.IsFinite(number) ? number.ToString("G6", CultureInfo.InvariantCulture) : "";
}
