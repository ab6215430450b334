using System.Globalization;
using FisherKernels.Experiments;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning.Metrics;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>Numbers as they stand in a table of the page; – for what is not there.</summary>
internal static class Words
{
    public const string Nothing = "–";

    /// <summary>Mean ± half width, or the mean alone.</summary>
    public static string Of(Band band) => double.IsNaN(band.HalfWidth)
        ? Of(band.Mean, "F3")
        : FormattableString.Invariant($"{band.Mean:F3} ± {band.HalfWidth:F3}");

    /// <summary>A number.</summary>
    public static string Of(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : Nothing;

    /// <summary>A difference with its sign, bold where its interval excludes 0.</summary>
    public static string OfDifference(Band? difference)
    {
        if (difference is not { } band || double.IsNaN(band.Mean))
        {
            return Nothing;
        }

        string mean = band.Mean.ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture);
        string text = double.IsNaN(band.HalfWidth) ? mean : FormattableString.Invariant($"{mean} ± {band.HalfWidth:F3}");
        return Excludes0(band) ? $"**{text}**" : text;
    }

    /// <summary>Whether the interval lies on one side of 0; without one it does not.</summary>
    public static bool Excludes0(Band band) => Math.Abs(band.Mean) > band.HalfWidth;

    /// <summary>Annotations.</summary>
    public static string OfNeeded(Saving? saving) => saving is null ? Nothing : double.IsInfinity(saving.Needed)
        ? "not reached" : saving.Needed.ToString("F0", CultureInfo.InvariantCulture);

    /// <summary>Per cent of random's annotations, with the interval.</summary>
    public static string OfSaved(Saving? saving)
    {
        return saving is null ? Nothing
            : double.IsNaN(saving.Low) ? Percent(saving.Percent)
            : $"{Percent(saving.Percent)} [{Percent(saving.Low)}, {Percent(saving.High)}]";

        static string Percent(double value) => double.IsInfinity(value) ? "none" : FormattableString.Invariant($"{value:F0} %");
    }
}
