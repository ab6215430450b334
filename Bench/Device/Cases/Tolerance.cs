namespace FisherKernels.Bench.Cases;

/// <summary>How far a number may be from the definition's: <paramref name="Share"/> of the scale, plus <see cref="Floor"/>; and
/// why.</summary>
public sealed record Tolerance(double Share, string Reason)
{
    /// <summary>The scale is each expected number itself, not the largest of its array.</summary>
    public bool OfEach { get; init; }

    /// <summary>Absolute part.</summary>
    public double Floor { get; init; }

    /// <summary>How far from <paramref name="want"/>, where <paramref name="largest"/> is the largest of its array.</summary>
    public double Allowed(double want, double largest) => Floor + Share * (OfEach ? Math.Abs(want) : largest);

    /// <summary>The largest finite magnitude of an array, 0 where there is none.</summary>
    public static double Largest(double[] want) =>
        want.Length == 0 ? 0 : want.Max(number => double.IsFinite(number) ? Math.Abs(number) : 0);

    /// <summary>The largest difference of two arrays in units of what is allowed: up to 1 they agree; infinite where one is not a
    /// number or nothing is allowed.</summary>
    public double Error(double[] got, double[] want)
    {
        double largest = Largest(want), worst = got.Length == want.Length ? 0 : double.PositiveInfinity;
        for (int j = 0; j < Math.Min(got.Length, want.Length); j++)
        {
            double off = got[j].Equals(want[j]) ? 0 : Math.Abs(got[j] - want[j]) / Allowed(want[j], largest);
            worst = double.IsNaN(off) ? double.PositiveInfinity : Math.Max(worst, off);
        }

        return worst;
    }

    public static Tolerance Exact(string reason) => new(0, reason);
}
