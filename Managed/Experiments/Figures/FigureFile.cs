using FisherKernels.Storage;
using SkiaSharp;

namespace FisherKernels.Experiments.Figures;

/// <summary>One drawing as PNG, at twice its size, and as SVG.</summary>
public static class FigureFile
{
    private const int Scale = 2;

    /// <summary>Writes path.png and path.svg; where the same drawing is there already, it stays.</summary>
    /// <param name="pathWithoutExtension">Where.</param>
    /// <param name="width">Of the drawing, in its own units.</param>
    /// <param name="height">The same.</param>
    /// <param name="draw">Called once for each; dashes are not in the SVG.</param>
    public static void Save(string pathWithoutExtension, int width, int height, Action<SKCanvas> draw)
    {
        using SKSurface surface = SKSurface.Create(new SKImageInfo(width * Scale, height * Scale));
        surface.Canvas.Scale(Scale);
        draw(surface.Canvas);
        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.WriteIfChanged($"{pathWithoutExtension}.png", png.Span);
        using var svg = new MemoryStream();
        using (SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, height), svg))
        {
            draw(canvas);
        }

        AtomicFile.WriteIfChanged($"{pathWithoutExtension}.svg", svg.GetBuffer().AsSpan(0, (int)svg.Length));
    }
}
