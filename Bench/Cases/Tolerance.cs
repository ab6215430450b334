namespace FisherKernels.Bench.Cases;

/// <summary>How far a number may be from the definition's: <paramref name="Share"/> of the scale, plus <see cref="Floor"/>; and why.</summary>
public sealed record Tolerance(double Share, string Reason)
{
    /// <summary>The scale is each expected number itself, not the largest of its array.</summary>
    public bool OfEach { get; init; }

    /// <summary>Absolute part.</summary>
    public double Floor { get; init; }

    public static Tolerance Exact(string reason) => new(0, reason);
}
