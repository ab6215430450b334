namespace FisherKernels.Learning.Acquisition;

/// <summary>A strategy that chooses a whole batch, because what a pair is worth depends on the pairs chosen beside it.</summary>
/// <remarks>
/// Its <see cref="IAcquisition.Score"/> is what a pair is worth alone: that is what a list of scores shows and what sampling
/// is in proportion to. The best pairs are taken by <see cref="PickBatch"/>.
/// </remarks>
public interface IBatchAcquisition : IAcquisition
{
    /// <summary>Chooses, first the pair to be asked first.</summary>
    /// <param name="context">What may be looked at.</param>
    /// <param name="count">c, 1 ≤ c ≤ n.</param>
    /// <returns>c different candidates, with what each added to those before it.</returns>
    Picked PickBatch(AcquisitionContext context, int count);
}
