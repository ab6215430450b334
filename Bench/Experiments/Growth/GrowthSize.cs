namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>Sizes of one selection.</summary>
/// <param name="Pairs">n.</param>
/// <param name="Responses">R.</param>
/// <param name="Width">d.</param>
internal readonly record struct GrowthSize(int Pairs, int Responses, int Width)
{
    /// <summary>Φ, r and the pairs: what the caller holds, in bytes.</summary>
    public long Given => 4L * Responses * Width + 4L * Responses + 8L * Pairs;

    /// <summary>About what given and scratch take: Z in float64; for a pair its two places, v, g and its key; some matrices of
    /// d².</summary>
    public long Needed => Given + 8L * Responses * Width + 24L * Pairs + 160L * Width * Width;

    /// <summary>Z is addressed by the numbers of Φ, which an array of .NET has to hold.</summary>
    public bool FitsAnArray => (long)Responses * Width <= Array.MaxLength / 2 && 2L * Pairs <= Array.MaxLength / 2;
}
