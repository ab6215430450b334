namespace FisherKernels.Learning.Pools;

/// <summary>Mean and deviation of every column of a pool.</summary>
/// <param name="Mean">[D].</param>
/// <param name="StandardDeviation">[D], of the population, ≥ 0.</param>
public sealed record ColumnStatistics(double[] Mean, double[] StandardDeviation);
