using FisherKernels.Learning.Batches;

namespace FisherKernels.Learning.Acquisition;

/// <summary>A way to take a batch from scored candidates: the other half of a strategy.</summary>
/// <remarks>It keeps no state, so that any number of threads may use one, each with a problem of its own.</remarks>
public interface IBatchSelector
{
    /// <summary>The name that users write behind a score and a plus, such as <c>sample</c>; empty for what a score alone stands
    /// for.</summary>
    string Name { get; }

    /// <summary>Whether it keeps limits and required pairs; where it does not, it refuses them.</summary>
    bool KeepsLimits => true;

    /// <summary>Whether it goes on until nothing helps or the time is up; false where a time limit changes nothing.</summary>
    bool TakesTime => false;

    /// <summary>Chooses.</summary>
    /// <param name="problem">The candidates, and what may be read about them.</param>
    /// <param name="acquisition">Their score.</param>
    /// <param name="request">How many, 1 ≤ c ≤ n, and what the batch has to keep.</param>
    /// <returns>
    /// Different candidates, first the one to be asked first; c of them, or fewer where the limits allow no more. Made by
    /// <see cref="CandidateProblem.CreateBatch"/> or by another selector.
    /// </returns>
    /// <exception cref="InputException">The score does not go with it, or the limits cannot be kept.</exception>
    Batch Select(CandidateProblem problem, IAcquisition acquisition, BatchRequest request);

    /// <summary>Refuses a score that it cannot work with.</summary>
    /// <exception cref="InputException">It says which ones go with it.</exception>
    void RequireFits(IAcquisition acquisition)
    {
    }
}
