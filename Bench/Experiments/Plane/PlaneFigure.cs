using System.Globalization;
using FisherKernels.Experiments.Figures;
using FisherKernels.Kernels;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;
using SkiaSharp;

namespace FisherKernels.Bench.Experiments.Plane;

/// <summary>Figure 1 of the paper: a row for each strategy; the candidate points on the true reward, then a column for each
/// round.</summary>
internal static class PlaneFigure
{
    private const int Tile = PlaneExperiment.Side, Gap = 6, Left = 30, Top = 30, Caption = 18;

    // Levels of equal area: level sets show as edges, and a reward that is steep in a corner does not swallow the rest.
    private const int Levels = 16, RedShades = 8, GreyShades = 4;

    private static readonly SKColor Low = new(0x3B, 0x6E, 0xA8), High = new(0xFB, 0xFB, 0xF2), Chosen = new(0xC0, 0x10, 0x20),
        Candidate = new(0x30, 0x30, 0x30);

    /// <summary>Writes the PNG.</summary>
    public static void Save(string path, PlaneExperiment plane, PlaneSettings settings, IReadOnlyList<PlaneRun> runs)
    {
        int width = Left + (settings.Rounds + 1) * (Tile + Gap), height = Top + runs.Count * (Tile + Caption + Gap);
        using var picture = new SKBitmap(width, height);
        using var canvas = new SKCanvas(picture);
        canvas.Clear(SKColors.White);
        using SKTypeface typeface = FigureFont.Load();
        using SKFont large = new(typeface, 15), small = new(typeface, 11);
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        float[] truth = Plane.Rewards(Plane.Grid(PlaneExperiment.Side, PlaneExperiment.Reach));
        for (int column = 0; column <= settings.Rounds; column++)
        {
            string title = column switch { 0 => "candidates, true reward", 1 => "round 1 (random)", _ => $"round {column}" };
            canvas.DrawText(title, Left + column * (Tile + Gap) + Tile / 2, Top - 10, SKTextAlign.Center, large, ink);
        }

        for (int row = 0; row < runs.Count; row++)
        {
            PlaneRun run = runs[row];
            int top = Top + row * (Tile + Caption + Gap);
            canvas.Save();
            canvas.RotateDegrees(-90, Left - 10, top + Tile / 2);
            canvas.DrawText(run.Strategy.Name, Left - 10, top + Tile / 2, SKTextAlign.Center, large, ink);
            canvas.Restore();
            Heat(canvas, Left, top, truth);
            Points(canvas, Left, top, plane.Points.AsSpan(0, 2 * settings.Points));
            for (int round = 0; round < run.Rounds.Count; round++)
            {
                int left = Left + (round + 1) * (Tile + Gap);
                PlaneRound shown = run.Rounds[round];
                Heat(canvas, left, top, shown.Grid);
                Lines(canvas, left, top, plane.Points, shown.Pairs);
                string words = string.Create(
                    CultureInfo.InvariantCulture,
                    $"points {shown.Measures.DistinctShare * 2 * shown.Pairs.Length:F0} · 1 − ρ {shown.Measures.OneMinusSpearman:F3}");
                canvas.DrawText(words, left + Tile / 2, top + Tile + 13, SKTextAlign.Center, small, ink);
            }
        }

        AtomicFile.Write(path, stream => IndexedPng.Write(stream, picture, Palette()));
    }

    private static void Heat(SKCanvas canvas, int left, int top, float[] reward)
    {
        float[] sorted = [.. reward.Order()];
        float[] edges = [.. Enumerable.Range(1, Levels - 1).Select(level => sorted[level * sorted.Length / Levels])];
        using var picture = new SKBitmap(PlaneExperiment.Side, PlaneExperiment.Side);
        for (int j = 0; j < reward.Length; j++)
        {
            int level = Array.FindLastIndex(edges, edge => reward[j] >= edge) + 1;
            picture.SetPixel(j % PlaneExperiment.Side, j / PlaneExperiment.Side, Shade(level));
        }

        canvas.DrawBitmap(picture, left, top);
    }

    // The levels, each under red lines and grey points of some strengths, and the greys of the words.
    private static SKColor[] Palette()
    {
        SKColor[] levels = [.. Enumerable.Range(0, Levels).Select(Shade)];
        return
        [
            .. levels,
            .. levels.SelectMany(level => Enumerable.Range(1, RedShades).Select(share => Between(level, Chosen, share / (double)RedShades)))
                .Distinct(),
            .. levels.SelectMany(
                level => Enumerable.Range(1, GreyShades).Select(share => Between(level, Candidate, share / (double)GreyShades))).Distinct(),
            .. Enumerable.Range(0, 8).Select(share => Between(SKColors.Black, SKColors.White, share / 7.0)),
        ];
    }

    private static SKColor Shade(int level) => Between(Low, High, (double)level / (Levels - 1));

    private static SKColor Between(SKColor from, SKColor to, double share)
    {
        return new SKColor(Mix(from.Red, to.Red), Mix(from.Green, to.Green), Mix(from.Blue, to.Blue));

        byte Mix(byte low, byte high) => (byte)Math.Round(low + share * (high - low));
    }

    private static void Points(SKCanvas canvas, int left, int top, ReadOnlySpan<float> points)
    {
        using var dot = new SKPaint { Color = Candidate.WithAlpha(0xA0), IsAntialias = true };
        Clip(canvas, left, top);
        for (int j = 0; j < points.Length; j += 2)
        {
            canvas.DrawCircle(Place(left, top, points[j], points[j + 1]), 1.2f, dot);
        }

        canvas.Restore();
    }

    private static void Lines(SKCanvas canvas, int left, int top, float[] points, Pair[] pairs)
    {
        using var line =
            new SKPaint { Color = Chosen.WithAlpha(0x60), IsAntialias = true, StrokeWidth = 0.8f, Style = SKPaintStyle.Stroke };
        using var dot = new SKPaint { Color = Chosen, IsAntialias = true };
        Clip(canvas, left, top);
        foreach (Pair pair in pairs)
        {
            canvas.DrawLine(Of(pair.First), Of(pair.Second), line);
        }

        foreach (int point in pairs.SelectMany(pair => (int[])[pair.First, pair.Second]).Distinct())
        {
            canvas.DrawCircle(Of(point), 1.1f, dot);
        }

        canvas.Restore();

        SKPoint Of(int point) => Place(left, top, points[2 * point], points[2 * point + 1]);
    }

    private static void Clip(SKCanvas canvas, int left, int top)
    {
        canvas.Save();
        canvas.ClipRect(new SKRect(left, top, left + Tile, top + Tile));
    }

    private static SKPoint Place(int left, int top, float x, float y) => new(
        left + (float)((x / PlaneExperiment.Reach + 1) / 2 * Tile), top + (float)((1 - y / PlaneExperiment.Reach) / 2 * Tile));
}
