using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Learning.Selection;

/// <summary>The ways to take a batch that go with many scores.</summary>
public static class BatchSelectors
{
    /// <summary>The largest scores, largest first.</summary>
    public static IBatchSelector Top { get; } = new TopSelector();

    /// <summary>Draws in proportion to the values, without replacement.</summary>
    public static IBatchSelector Sample { get; } = SamplingSelector.Power(1);

    /// <summary>What optimises the batch as a whole, from the quickest to the most thorough; each goes with scores that have a log
    /// det criterion.</summary>
    public static IReadOnlyList<IBatchSelector> Optimisers { get; } =
        [.. BatchOptimisers.All.Where(optimiser => optimiser is not TopOptimiser).Select(optimiser => new OptimiserSelector(optimiser))];

    /// <summary>Draws in proportion to valueᵝ, without replacement; only candidates with a positive value can be drawn.</summary>
    /// <param name="beta">β > 0, finite: towards 0 every candidate has the same chance, towards infinity the best come first.</param>
    public static IBatchSelector Power(double beta) => SamplingSelector.Power(beta);

    /// <summary>Draws in proportion to e^(β·value), without replacement, the value in the score's own unit.</summary>
    /// <param name="beta">β > 0, finite.</param>
    public static IBatchSelector Softmax(double beta) => SamplingSelector.Softmax(beta);
}
