using FisherKernels.Kernels;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Learning.Acquisition;

/// <summary>
/// A model has broken down, so that no strategy can choose by it: numbers that overflowed, or responses that nothing tells apart.
/// </summary>
public sealed class ScoreException : FisherException
{
    /// <summary>With a sentence that says what was found and what to do.</summary>
    public ScoreException(string message)
        : base(message)
    {
    }

    /// <summary>A score is NaN or infinite.</summary>
    /// <param name="strategy">What scored.</param>
    /// <param name="candidate">The candidate's number.</param>
    public ScoreException(string strategy, int candidate)
        : base($"The score of candidate {candidate} under {strategy} is not a finite number: features or rewards overflowed. "
            + "Train the model again with a lower learning rate, or standardise the embeddings.") =>
        (Strategy, Candidate) = (strategy, candidate);

    /// <summary>What scored; null where no strategy was asked yet.</summary>
    public string? Strategy { get; }

    /// <summary>The candidate whose score it is; null where it is no single one's.</summary>
    public int? Candidate { get; }
}
