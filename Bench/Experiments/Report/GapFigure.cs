using FisherKernels.Cli.Run;
using FisherKernels.Learning.Files;
using ScottPlot;

namespace FisherKernels.Bench.Experiments.Report;

/// <summary>How far apart in golden reward the chosen pairs lie: a histogram for each strategy, as lines.</summary>
internal static class GapFigure
{
    private const int Bins = 24, Width = 700, Height = 400;

    /// <summary>Shares of pairs in bins of equal width up to an end; what lies beyond is in the last.</summary>
    public static double[] Histogram(IReadOnlyCollection<double> gaps, double end)
    {
        var shares = new double[Bins];
        foreach (double gap in gaps)
        {
            shares[Math.Clamp((int)(gap / end * Bins), 0, Bins - 1)] += 1.0 / gaps.Count;
        }

        return shares;
    }

    /// <summary>Writes the PNG.</summary>
    public static void Save(string path, IReadOnlyList<StrategySummary> strategies)
    {
        FigureFont.Use();
        double[] all = [.. strategies.SelectMany(strategy => strategy.Gaps).Order()];

        // Up to where one pair in a hundred lies beyond: a single far pair would squeeze the rest.
        double end = Math.Max(all[(int)(0.99 * (all.Length - 1))], 1e-9);
        var plot = new Plot();
        plot.Title("Reward gap of the chosen pairs", 15);
        plot.XLabel("|r*[a] − r*[b]|", 13);
        plot.YLabel("share of pairs", 13);
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.08);
        double[] middles = [.. Enumerable.Range(0, Bins).Select(bin => (bin + 0.5) * end / Bins)];
        foreach (StrategySummary strategy in strategies.Where(strategy => strategy.Gaps.Length > 0))
        {
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(middles, Histogram(strategy.Gaps, end));
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
