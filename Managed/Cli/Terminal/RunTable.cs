using System.Globalization;
using FisherKernels.Experiments;
using FisherKernels.Experiments.Runs;
using Spectre.Console;

namespace FisherKernels.Cli.Terminal;

/// <summary>The results of a run for people.</summary>
public static class RunTable
{
    /// <summary>A number that is not defined, or not there.</summary>
    public const string Nothing = "–";

    /// <summary>A line per strategy: where it stands after the last round compared, and what that took.</summary>
    /// <param name="results">Of the run.</param>
    /// <param name="width">Columns of characters there are; measures that do not fit are left to summary.json, the last first.</param>
    public static Table Create(RunResults results, int width)
    {
        ArgumentNullException.ThrowIfNull(results);
        CommonRounds common = results.Common;
        List<string[]> columns =
        [
            ["strategy", .. common.Strategies],
            ["1 − ρ", .. common.Strategies.Select(name => Text(results.Final(name, e => e.OneMinusSpearman)))],
            ["area", .. common.Strategies.Select(name => Text(results.Area(name)))],
            [$"best of {results.LargestN}", .. common.Strategies.Select(name => Text(results.Final(name, e => e.BestOfN[^1])))],
            ["accuracy", .. common.Strategies.Select(name => Text(results.Final(name, e => e.Accuracy)))],
            ["log-loss", .. common.Strategies.Select(name => Text(results.Final(name, e => e.LogLoss)))],
            ["select s", .. common.Strategies.Select(name => Text(results.Seconds(name, spent => spent.Select)))],
            ["train s", .. common.Strategies.Select(name => Text(results.Seconds(name, spent => spent.Train)))],
        ];

        // A border and two blanks each, and the last border. The first measure stays however narrow it is.
        while (columns.Count > 2 && columns.Sum(column => column.Max(text => text.Length) + 3) + 1 > width)
        {
            columns.RemoveAt(columns.Count - 1);
        }

        Table table = new Table().Title(Markup.Escape(Title(common)));
        if (results.WithoutRounds.Count > 0)
        {
            table.Caption(Markup.Escape($"without a round: {string.Join(", ", results.WithoutRounds)}"));
        }

        foreach ((string[] column, int j) in columns.Select((column, j) => (column, j)))
        {
            TableColumn header = new TableColumn(Markup.Escape(column[0])).NoWrap();
            table.AddColumn(j == 0 ? header : header.RightAligned());
        }

        for (int row = 1; row < columns[0].Length; row++)
        {
            table.AddRow([.. columns.Select(column => Markup.Escape(column[row]))]);
        }

        return table;
    }

    /// <summary>A number as it stands in the table, with three decimals.</summary>
    /// <param name="value">The number; what is not finite is <see cref="Nothing"/>.</param>
    public static string Text(double value) => double.IsFinite(value) ? value.ToString("F3", CultureInfo.InvariantCulture) : Nothing;

    private static string Text(Band band) => double.IsFinite(band.Mean) && double.IsFinite(band.HalfWidth)
        ? FormattableString.Invariant($"{band.Mean:F3} ± {band.HalfWidth:F3}")
        : Text(band.Mean);

    private static string Title(CommonRounds common) =>
        common.Rounds == 0 ? "no seed has a round of every strategy: nothing can be compared yet"
        : common.Seeds.Count == 1 ? $"after {common.Labels[^1]} labels, one seed"
        : $"after {common.Labels[^1]} labels, mean of {common.Seeds.Count} seeds ± half the 95 % interval";
}
