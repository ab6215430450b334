using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Models;

/// <summary>Why all compared responses look equal to a model: they are, or float32 or float64 made them so.</summary>
internal static class EqualEmbeddings
{
    // From here on float64 has no odd numbers.
    private const double LastWhole = 1L << 53;

    /// <summary>The sentence for people.</summary>
    public static string Told(EmbeddingPool pool, ReadOnlySpan<Comparison> comparisons, Standardisation? standardisation)
    {
        int differing = 0;
        bool beyond = false;
        double[] both = new double[2 * pool.Dimension];
        for (int i = 0; pool.IsWide && i < comparisons.Length; i++)
        {
            pool.ReadDoubles([comparisons[i].Pair.First, comparisons[i].Pair.Second], both);
            differing += both.AsSpan(0, pool.Dimension).SequenceEqual(both.AsSpan(pool.Dimension)) ? 0 : 1;
            beyond |= pool.IsLong && both.Any(number => Math.Abs(number) >= LastWhole);
        }

        string start = $"Each of the {comparisons.Length} comparisons is between two responses whose embeddings ";
        if (beyond)
        {
            return start + "are equal as float64: the whole numbers lie beyond 2^53, where float64 loses the last digits. "
                + "Take away what is common to a column, and write them again.";
        }

        if (differing > 0)
        {
            return start + (standardisation is null
                ? $"are equal as float32; as they were given, {differing} of them differ, and float32 loses it. "
                    + "Standardise the embeddings: that takes the means away in float64; or take away what is common to a "
                    + "column, and write them again."
                : $"are equal as float32 after the standardisation; as they were given, {differing} of them differ, and float32 loses it. "
                    + "Standardise anew, or compare responses that differ by more.");
        }

        return start + "are equal"
            + (standardisation is { ConstantColumns: > 0 and var constant } ? $" ({constant} of {pool.Dimension} columns do not vary)" : "")
            + "; nothing can be learned from them. Compare responses that differ, or embed them again.";
    }
}
