using FisherKernels.Experiments.Figures;
using FisherKernels.Storage;
using ScottPlot;

namespace FisherKernels.Bench.Live;

/// <summary>What each label took, one after the other; where all was computed afresh stands out.</summary>
internal static class LiveFigure
{
    private const int Width = 900, Height = 400;

    /// <summary>Writes the PNG.</summary>
    public static void Save(string path, LiveRun run)
    {
        FigureFont.Use();
        var plot = new Plot();
        plot.Title("From a label to the next pair", 15);
        plot.XLabel("labels", 13);
        plot.YLabel("ms", 13);
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.08);
        int[] all = [.. Enumerable.Range(0, run.Milliseconds.Length)];
        Points(all.Except(run.Refreshed), "#0072B2", 2, "rank one");
        Points(run.Refreshed, "#D55E00", 7, "all afresh");
        plot.Axes.SetLimitsY(0, 1.1 * run.Milliseconds.Max());
        plot.ShowLegend(Alignment.UpperCenter);
        byte[] png = plot.GetImageBytes(Width, Height, ImageFormat.Png);
        AtomicFile.Write(path, stream => stream.Write(png));

        void Points(IEnumerable<int> labels, string color, float size, string name)
        {
            int[] which = [.. labels];
            ScottPlot.Plottables.Scatter points = plot.Add.ScatterPoints(
                which.Select(label => label + 1.0).ToArray(), which.Select(label => run.Milliseconds[label]).ToArray());
            points.Color = Color.FromHex(color);
            points.MarkerSize = size;
            points.LegendText = name;
        }
    }
}
