namespace FisherKernels.Learning.Pools;

/// <summary>Mean and deviation of every column of a pool, over the rows that are finite and not stray.</summary>
/// <param name="Mean">[D].</param>
/// <param name="StandardDeviation">[D], of the population, ≥ 0.</param>
public sealed record ColumnStatistics(double[] Mean, double[] StandardDeviation)
{
    /// <summary>Rows behind the statistics.</summary>
    public int Rows { get; init; }

    /// <summary>Rows left out because a number in them is NaN or infinite, ascending.</summary>
    public IReadOnlyList<int> BrokenRows { get; init; } = [];

    /// <summary>Rows left out because they lie far outside all others in some column, ascending.</summary>
    /// <remarks>
    /// In a column, up to sixteen values at either end are stray where each is farther from the others than 30 times their
    /// range, and so again for what is left. The others have to be a bulk that ends: without the outmost twentieth of them at
    /// either end, eight values at most, they span half their range or more. Sparse columns and heavy tails do not, and
    /// have no strays; nor has a column that is constant but for them. Nothing is stray among fewer than ten rows, and at most one
    /// row in ten is.
    /// </remarks>
    public IReadOnlyList<int> StrayRows { get; init; } = [];

    /// <summary>What the type of the numbers resolves of a number, as a share of it: 2⁻²⁴ for float32, 2⁻⁵³ for float64, 2⁻¹¹ for
    /// float16, 0 for whole numbers.</summary>
    public double Resolution { get; init; } = 1.0 / (1 << 24);

    /// <summary>Columns, ascending, of which float32 loses more than a hundredth of what they vary by; only float64 and large whole
    /// numbers can.</summary>
    public IReadOnlyList<int> LostInFloat32 { get; init; } = [];
}
