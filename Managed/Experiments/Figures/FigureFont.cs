using ScottPlot;
using SkiaSharp;

namespace FisherKernels.Experiments.Figures;

/// <summary>The font of every figure. The machine may have no fonts at all: figures bring their own.</summary>
public static class FigureFont
{
    private const string Name = "DejaVu Sans";

    private static string File => Path.Combine(AppContext.BaseDirectory, "Fonts", "DejaVuSans.ttf");

    /// <summary>Makes it the font of plots.</summary>
    public static void Use()
    {
        Fonts.AddFontFile(Name, File, false, false);
        Fonts.Default = Name;
    }

    /// <summary>For drawing without a plot; the caller disposes it.</summary>
    public static SKTypeface Load() => SKTypeface.FromFile(File);
}
