using FisherKernels.Experiments.Figures;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;
using ScottPlot;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>How far apart in golden reward the chosen pairs lie: a histogram for each strategy, as lines.</summary>
internal static class GapFigure
{
    private const int Width = 700, Height = 400;

    /// <summary>Writes the PNG.</summary>
    public static void Save(string path, IReadOnlyList<StrategySummary> strategies)
    {
        FigureFont.Use();
        var bins = new GapBins(strategies.SelectMany(strategy => strategy.Gaps));
        var plot = new Plot();
        plot.Title("Reward gap of the chosen pairs", 15);
        plot.XLabel("|r*[a] − r*[b]|", 13);
        plot.YLabel("share of pairs", 13);
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.08);
        foreach (StrategySummary strategy in strategies.Where(strategy => strategy.Gaps.Length > 0))
        {
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(bins.Middles, bins.Shares(strategy.Gaps));
            line.Color = Color.FromHex(CurveFigure.ColorOf(strategy.Strategy));
            line.LineWidth = 2;
            line.MarkerSize = strategy.Strategy.Contains('+', StringComparison.Ordinal) ? 5 : 0;
            line.LegendText = strategy.Strategy;
        }

        plot.ShowLegend(Alignment.UpperRight);
        byte[] png = plot.GetImageBytes(Width, Height, ImageFormat.Png);
        AtomicFile.Write(path, stream => stream.Write(png));
    }
}
