namespace FisherKernels.Learning.Acquisition;

/// <summary>What the model does not know: draws from the distribution of the rewards given the labels (MATH.md §4).</summary>
public interface IPosterior
{
    /// <summary>Rewards of the candidates' responses under some draws.</summary>
    /// <param name="context">Candidates, features, rewards and past; its <see cref="AcquisitionContext.Random"/> makes the draws.</param>
    /// <param name="asked">Candidates to be taken as labelled too, their answers as uncertain as the model says; empty for none.</param>
    /// <param name="samples">S ≥ 1.</param>
    /// <returns>[R, S], row by row.</returns>
    float[] Draw(AcquisitionContext context, ReadOnlySpan<int> asked, int samples);
}
