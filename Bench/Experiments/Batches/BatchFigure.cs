using FisherKernels.Experiments.Figures;
using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>A panel for each problem: what a batch is proven to lose at most, over the time of choosing it; both axes by powers.</summary>
internal static class BatchFigure
{
    private const int PanelWidth = 460, PanelHeight = 360, MostColumns = 3;

    // Of what cannot be told from nothing on the page.
    private const double LeastLoss = 1e-4;

    // Okabe and Ito's: a colour for each optimiser.
    private static readonly string[] Palette = ["#000000", "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00"];

    private static readonly double[] Losses = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

    private static readonly double[] Times = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 100_000];

    /// <summary>Writes path.png and path.svg.</summary>
    public static void Save(string pathWithoutExtension, BatchResults results)
    {
        FigureFont.Use();
        int panels = results.Pools.Count + 1, columns = Math.Min(MostColumns, panels), rows = (panels + columns - 1) / columns;
        FigureFile.Save(pathWithoutExtension, columns * PanelWidth, rows * PanelHeight, canvas => Draw(canvas, results, rows, columns));
    }

    private static void Draw(SKCanvas canvas, BatchResults results, int rows, int columns)
    {
        var figure = new Multiplot();
        while (figure.Subplots.Count > 0)
        {
            figure.Subplots.RemoveAt(0);
        }

        figure.Layout = new Grid(rows, columns);
        foreach (PoolResult pool in results.Pools)
        {
            var plot = new Plot();
            figure.Subplots.Add(plot);
            Draw(plot, pool);
        }

        var legend = new Plot();
        figure.Subplots.Add(legend);
        Legend(legend,
            [.. results.Pools.SelectMany(pool => pool.Cells).Where(cell => cell.Milliseconds.Length > 0).Select(cell => cell.Name)
            .Distinct()]);

        canvas.Clear(SKColors.White);
        figure.Render(canvas, new PixelRect(0, columns * PanelWidth, rows * PanelHeight, 0));
    }

    private static void Draw(Plot plot, PoolResult pool)
    {
        plot.Title(FormattableString.Invariant($"{pool.Name}, {pool.Count:N0} of {pool.Candidates:N0}"), 13);
        plot.XLabel("ms of choosing", 12);
        plot.YLabel("loses at most, proven", 12);
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.10);
        BatchCell[] cells = [.. pool.Cells.Where(cell => cell.Milliseconds.Length > 0)];
        for (int j = 0; j < cells.Length; j++)
        {
            (double x, double own, double tight) = (Math.Log10(cells[j].Median), Loss(cells[j].Own), Loss(cells[j].Tight));
            Color color = Color.FromHex(Palette[j % Palette.Length]);
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter([x, x], (double[])[own, tight]);
            (line.Color, line.LineWidth, line.MarkerSize) = (color, 2, 0);
            ScottPlot.Plottables.Scatter open = plot.Add.ScatterPoints((double[])[x], [own]),
                filled = plot.Add.ScatterPoints((double[])[x], [tight]);
            (open.Color, open.MarkerSize, open.MarkerShape) = (color, 8, MarkerShape.OpenCircle);
            (filled.Color, filled.MarkerSize) = (color, 9);
        }

        ScottPlot.Plottables.HorizontalLine limit = plot.Add.HorizontalLine(Loss(pool.Limit));
        (limit.Color, limit.LineWidth) = (Colors.Gray, 1);
        Axes(plot, cells, Loss(pool.Limit));
    }

    // A panel of its own: inside another it would hide what is drawn there.
    private static void Legend(Plot plot, string[] names)
    {
        plot.HideAxesAndGrid();
        Entry("own gradient proves", Colors.Gray, MarkerShape.OpenCircle, 0);
        Entry("relaxation proves", Colors.Gray, MarkerShape.FilledCircle, 0);
        Entry("no such proof goes below", Colors.Gray, MarkerShape.None, 1);
        for (int j = 0; j < names.Length; j++)
        {
            Entry(names[j], Color.FromHex(Palette[j % Palette.Length]), MarkerShape.FilledCircle, 2);
        }

        plot.ShowLegend(Alignment.MiddleCenter);

        void Entry(string text, Color color, MarkerShape shape, float width)
        {
            ScottPlot.Plottables.Scatter entry = plot.Add.Scatter((double[])[double.NaN], [double.NaN]);
            (entry.Color, entry.MarkerShape, entry.MarkerSize, entry.LineWidth, entry.LegendText) = (color, shape, 9, width, text);
        }
    }

    private static void Axes(Plot plot, BatchCell[] cells, double limit)
    {
        double[] xs = [.. cells.Select(cell => Math.Log10(cell.Median))],
            ys = [limit, .. cells.SelectMany(cell => (double[])[Loss(cell.Own), Loss(cell.Tight)])];
        plot.Axes.SetLimits(xs.Min() - 0.3, xs.Max() + 0.3, ys.Min() - 0.2, ys.Max() + 0.3);
        plot.Axes.Left.TickGenerator = new NumericManual(
            [.. Losses.Select(Math.Log10)], [.. Losses.Select(loss => FormattableString.Invariant($"{100 * loss:G4} %"))]);
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            [.. Times.Select(Math.Log10)], [.. Times.Select(time => FormattableString.Invariant($"{time:N9}").TrimEnd('0').TrimEnd('.'))]);
    }

    private static double Loss(double efficiency) => Math.Log10(Math.Max(1 - efficiency, LeastLoss));
}
