using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>A strategy: a number for each candidate pair, the pair with the largest to be asked first.</summary>
/// <remarks>A new one is one file that implements this and one line in <see cref="Acquisitions.All"/>. It keeps no state.</remarks>
public interface IAcquisition
{
    /// <summary>As users write it, lower case.</summary>
    string Name { get; }

    /// <summary>One sentence for people who choose among strategies.</summary>
    string Description { get; }

    /// <summary>Whether it looks at features or rewards; a strategy that does not needs no model.</summary>
    bool NeedsModel => true;

    /// <summary>Whether it looks at rewards, and so at the head.</summary>
    bool NeedsRewards => true;

    /// <summary>Whether it looks at <see cref="AcquisitionContext.Past"/>.</summary>
    bool NeedsPast => false;

    /// <summary>Whether it looks at <see cref="AcquisitionContext.Targets"/>.</summary>
    bool NeedsTargets => false;

    /// <summary>Whether it looks at <see cref="AcquisitionContext.Ridge"/>.</summary>
    bool NeedsRidge => false;

    /// <summary>Whether it looks at <see cref="AcquisitionContext.ThinnedRewards"/>, and so needs a model that was trained with dropout.</summary>
    bool NeedsDropout => false;

    /// <summary>Writes the scores that order the candidates.</summary>
    /// <param name="context">What may be looked at.</param>
    /// <param name="score_n">[n], out; the larger is asked first.</param>
    /// <returns>The precision matrix behind the scores, or null for a strategy without one.</returns>
    PrecisionMatrix? Score(AcquisitionContext context, DeviceArray<float> score_n);

    /// <summary>The quantity, in its own unit, that an ordering score stands for; sampling is in proportion to it.</summary>
    double Value(float score) => score;
}
