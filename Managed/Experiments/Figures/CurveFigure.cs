using FisherKernels.Learning.Selection;
using ScottPlot;
using ScottPlot.MultiplotLayouts;
using SkiaSharp;

namespace FisherKernels.Experiments.Figures;

/// <summary>One line of a panel: a strategy's mean over seeds after each round.</summary>
/// <param name="Strategy">Its name.</param>
/// <param name="Labels">Labels known after each round.</param>
/// <param name="Bands">Mean and interval after each round.</param>
public sealed record Curve(string Strategy, double[] Labels, Band[] Bands);

/// <summary>A panel of the figure.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="Unit">Label of the vertical axis.</param>
/// <param name="Curves">A line each.</param>
public sealed record Panel(string Title, string Unit, IReadOnlyList<Curve> Curves);

/// <summary>Learning curves with their 95 % bands, side by side, as PNG and SVG.</summary>
public static class CurveFigure
{
    private const int Width = 1200, Height = 480;

    // A legend of more names would hide the curves, and stands beside the last panel.
    private const int RoomInside = 8;

    // Okabe and Ito's colours, told apart by most colour-blind readers, grey for the baseline; then Tol's muted ones and four more,
    // which stay apart where a figure holds some of them.
    private static readonly string[] Palette =
    [
        "#7F7F7F", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7", "#000000",
        "#332288", "#999933", "#882255", "#44AA99", "#117733", "#CC6677", "#AA4499", "#DDCC77", "#88CCEE",
        "#A6561D", "#66C21E", "#E31A1C", "#B0A0FF",
    ];

    /// <summary>Writes path.png and path.svg. A measure that is not defined has no panel, and where none is, nothing is written.</summary>
    /// <returns>Whether there is a figure.</returns>
    public static bool Save(string pathWithoutExtension, IReadOnlyList<Panel> panels)
    {
        Panel[] defined =
        [
            .. panels
                .Select(panel => panel with
                {
                    Curves = [.. panel.Curves.Where(
                        curve => curve.Bands.Length > 0 && curve.Bands.All(band => double.IsFinite(band.Mean)))],
                })
                .Where(panel => panel.Curves.Count > 0),
        ];
        if (defined.Length == 0)
        {
            return false;
        }

        FigureFont.Use();
        FigureFile.Save(pathWithoutExtension, Width, Height, canvas => Draw(canvas, defined));
        return true;
    }

    private static void Draw(SKCanvas canvas, Panel[] panels)
    {
        var figure = new Multiplot { Layout = new Columns() };
        while (figure.Subplots.Count > 0)
        {
            figure.Subplots.RemoveAt(0);
        }

        for (int j = 0; j < panels.Length; j++)
        {
            var plot = new Plot();
            figure.Subplots.Add(plot);
            Draw(plot, panels[j], legend: j == (panels[j].Curves.Count > RoomInside ? panels.Length - 1 : 0));
        }

        canvas.Clear(SKColors.White);
        figure.Render(canvas, new PixelRect(0, Width, Height, 0));
    }

    private static void Draw(Plot plot, Panel panel, bool legend)
    {
        plot.Title(panel.Title, 15);
        plot.XLabel("labels", 13);
        plot.YLabel(panel.Unit, 13);
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.08);
        // Many bands upon each other show nothing: then only the one that the others are compared with has its own.
        foreach (Curve curve in panel.Curves.Where((curve, j) => panel.Curves.Count <= RoomInside || j == 0))
        {
            Color color = Color.FromHex(ColorOf(curve.Strategy));
            Band[] bands = curve.Bands;
            if (bands.Length > 1 && bands.All(band => double.IsFinite(band.HalfWidth)))
            {
                ScottPlot.Plottables.FillY band = plot.Add.FillY(
                    curve.Labels,
                    [.. bands.Select(b => b.Mean - b.HalfWidth)],
                    [.. bands.Select(b => b.Mean + b.HalfWidth)]);
                band.FillColor = color.WithAlpha(0.10);
                band.LineWidth = 0;
                band.MarkerSize = 0;
            }
        }

        foreach (Curve curve in panel.Curves)
        {
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(curve.Labels, curve.Bands.Select(b => b.Mean).ToArray());
            line.Color = Color.FromHex(ColorOf(curve.Strategy));
            line.LineWidth = 2;
            line.MarkerSize = 6;

            // Not by dashes: the SVG canvas has none.
            line.MarkerShape = curve.Strategy.Contains('+', StringComparison.Ordinal) ? MarkerShape.OpenSquare : MarkerShape.FilledCircle;
            line.LegendText = curve.Strategy;
        }

        if (legend && panel.Curves.Count > RoomInside)
        {
            plot.ShowLegend(Edge.Right);
        }
        else if (legend)
        {
            plot.ShowLegend(Alignment.UpperRight);
        }
        else
        {
            plot.HideLegend();
        }
    }

    /// <summary>The colour of a strategy in every figure.</summary>
    public static string ColorOf(string strategy)
    {
        string[] parts = strategy.Split('+');
        int number = Strategy.Known.Select((known, j) => (known, j)).First(entry => entry.known.Name == parts[0]).j;

        // Optimisers of one criterion stand in one figure, and five steps on is none of the others' that usually stand beside them.
        int optimiser = parts.Length > 1
            ? 1 + BatchSelectors.Optimisers.ToList().FindIndex(one => one.Name == parts[1]) : 0;
        return Palette[(number + 5 * optimiser) % Palette.Length];
    }
}
