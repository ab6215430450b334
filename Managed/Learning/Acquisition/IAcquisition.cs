using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>A score of candidate pairs: the pair with the largest is worth most by itself.</summary>
/// <remarks>
/// Half of a strategy; the other half is the way in which a batch is taken (a batch selector). It keeps no state, so that any number of
/// threads may use one, each with a problem of its own.
/// </remarks>
public interface IAcquisition
{
    /// <summary>The name that users write, lower case.</summary>
    string Name { get; }

    /// <summary>A sentence for people who choose among strategies.</summary>
    string Description { get; }

    /// <summary>What it reads of a problem. Nothing is computed by this, it is told to people: whatever is read is made when it is
    /// read.</summary>
    Inputs Inputs => Inputs.Features | Inputs.Rewards;

    /// <summary>Whether <see cref="Inputs"/> holds something.</summary>
    sealed bool Reads(Inputs input) => Inputs.HasFlag(input);

    /// <summary>The log det of information whose gradient the scores are, which optimisers maximise and certificates bound; null
    /// where they are another thing.</summary>
    LogDetCriterion? Criterion => null;

    /// <summary>Writes the scores that order the candidates.</summary>
    /// <param name="problem">The candidates, and what may be read about them.</param>
    /// <param name="score_n">[n], out; the larger is asked first.</param>
    /// <returns>The precision matrix behind the scores, or null for a score without one.</returns>
    PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n);

    /// <summary>The quantity, in its own unit, that an ordering score stands for; sampling is in proportion to it.</summary>
    double Value(float score) => score;
}
