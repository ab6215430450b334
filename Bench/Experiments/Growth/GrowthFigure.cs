using FisherKernels.Experiments.Figures;
using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>Time above, memory below; over pairs, responses and width, all axes by powers.</summary>
internal static class GrowthFigure
{
    private const int Width = 1320, Height = 760;
    private const string Digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    // Okabe and Ito's: a colour for each number of threads.
    private static readonly string[] Palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

    private static readonly (Func<int, string> Title, string Axis, string[] Sweeps, int TimePower)[] Columns =
    [
        (_ => "pairs, d = 64", "n, candidate pairs", ["pairs", "pairs-fixed"], 1),
        (standing => FormattableString.Invariant($"responses, n = {standing:N0}, d = 64"), "R, responses", ["responses"], 1),
        (standing => FormattableString.Invariant($"width, n = {Sweep.Pairs(standing):N0}, R = {Sweep.Responses(standing):N0}"),
            "d, width of the features", ["width"], 2),
    ];

    /// <summary>Writes path.png and path.svg.</summary>
    public static void Save(string pathWithoutExtension, GrowthResults results)
    {
        FigureFont.Use();
        FigureFile.Save(pathWithoutExtension, Width, Height, canvas => Draw(canvas, results));
    }

    private static void Draw(SKCanvas canvas, GrowthResults results)
    {
        var figure = new Multiplot();
        while (figure.Subplots.Count > 0)
        {
            figure.Subplots.RemoveAt(0);
        }

        // What is not measured yet has no panels.
        int[] columns =
            [.. Enumerable.Range(0, Columns.Length)
            .Where(column => results.Cells.Any(cell => cell.NotMeasured is null && Columns[column].Sweeps.Contains(cell.Sweep)))];
        figure.Layout = new Grid(rows: 2, columns: Math.Max(columns.Length, 1));
        int[] teams = [.. results.Cells.Select(cell => cell.Threads).Distinct().Order()];
        foreach ((string unit, Func<GrowthCell, double?> of) in ((string, Func<GrowthCell, double?>)[])[
            ("ms", cell => cell.Median), ("MB", cell => cell.Megabytes)])
        {
            // One range for a row: what is higher takes longer.
            double[] all = [.. results.Cells.Select(of).Where(y => y > 0).Select(y => Math.Log10(y!.Value))];
            (int Low, int High) range = all.Length == 0 ? (0, 1) : ((int)Math.Floor(all.Min()), (int)Math.Ceiling(all.Max() + 0.5));
            foreach (int column in columns)
            {
                var plot = new Plot();
                figure.Subplots.Add(plot);
                Draw(plot, column, unit, of, results, teams, range);
            }
        }

        canvas.Clear(SKColors.White);
        figure.Render(canvas, new PixelRect(0, Width, Height, 0));
    }

    private static void Draw(
        Plot plot, int column, string unit, Func<GrowthCell, double?> of, GrowthResults results, int[] teams, (int Low, int High) range)
    {
        (Func<int, string> title, string axis, string[] sweeps, int power) = Columns[column];
        plot.Title($"{(unit == "ms" ? "Time" : "Memory")} over {title(results.Standing)}", 13);
        plot.XLabel(axis, 12);
        plot.YLabel(unit, 12);
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.10);
        var xs = new List<double>();
        foreach (Sweep sweep in Sweep.All.Where(sweep => sweeps.Contains(sweep.Name)))
        {
            for (int team = 0; team < teams.Length; team++)
            {
                (double X, double Y)[] points =
                    [.. results.Of(sweep).Where(cell => cell.Threads == teams[team] && of(cell) is > 0)
                    .Select(cell => (Math.Log10(sweep.Of(cell.Size())), Math.Log10(of(cell)!.Value)))];
                if (points.Length == 0)
                {
                    continue;
                }

                xs.AddRange(points.Select(point => point.X));
                ScottPlot.Plottables.Scatter line =
                    plot.Add.Scatter(points.Select(point => point.X).ToArray(), points.Select(point => point.Y).ToArray());
                line.Color = Color.FromHex(Palette[team % Palette.Length]);
                line.LineWidth = 2;
                line.MarkerSize = 7;
                line.MarkerShape = sweep.Name == "pairs-fixed" ? MarkerShape.OpenSquare : MarkerShape.FilledCircle;
                line.LegendText = (teams[team] == 1 ? "1 thread" : $"{teams[team]} threads")
                    + (sweep.Name == "pairs" ? ", R = n/4" : sweep.Name == "pairs-fixed"
                    ? FormattableString.Invariant($", R = {Sweep.Responses(results.Standing):N0}") : "");
            }
        }

        if (xs.Count > 0)
        {
            Axes(plot, xs, range, powersOfTwo: column == Columns.Length - 1);
            Guide(plot, xs, range, unit == "ms" ? power : 1, axis[0]);
            plot.ShowLegend(Alignment.UpperLeft);
        }
    }

    private static void Axes(Plot plot, List<double> xs, (int Low, int High) range, bool powersOfTwo)
    {
        plot.Axes.SetLimits(xs.Min() - 0.15, xs.Max() + 0.15, range.Low, range.High);
        plot.Axes.Left.TickGenerator = Powers(range.Low, range.High);
        double[] places = [.. xs.Distinct().Order()];
        plot.Axes.Bottom.TickGenerator = powersOfTwo
            ? new NumericManual(places, [.. places.Select(x => FormattableString.Invariant($"{Math.Pow(10, x):N0}"))])
            : Powers((int)Math.Floor(xs.Min()), (int)Math.Ceiling(xs.Max()));
    }

    // A slope to compare with, from the lower right corner back: what runs beside it grows in proportion.
    private static void Guide(Plot plot, List<double> xs, (int Low, int High) range, int power, char symbol)
    {
        double last = xs.Max(), height = Math.Min(1.5, range.High - range.Low), first = last - height / power;
        ScottPlot.Plottables.Scatter line = plot.Add.Scatter([first, last], (double[])[range.Low, range.Low + height]);
        line.Color = Colors.Gray;
        line.LineWidth = 1;
        line.MarkerSize = 0;
        line.LegendText = $"in proportion to {symbol}{(power == 2 ? "²" : "")}";
    }

    private static NumericManual Powers(int first, int last)
    {
        int[] powers = [.. Enumerable.Range(first, last - first + 1)];
        return new NumericManual([.. powers.Select(power => (double)power)], [.. powers.Select(Named)]);
    }

    private static string Named(int power) => power switch
    {
        >= -2 and < 0 => FormattableString.Invariant($"{Math.Pow(10, power):G}"),
        >= 0 and <= 3 => FormattableString.Invariant($"{Math.Pow(10, power):N0}"),
        < 0 => $"10⁻{Digits[-power]}",
        _ => $"10{Digits[power]}",
    };
}
