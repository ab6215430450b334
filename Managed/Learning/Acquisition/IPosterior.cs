namespace FisherKernels.Learning.Acquisition;

/// <summary>What the model does not know: draws from the distribution of the rewards given the labels (MATH.md §4).</summary>
internal interface IPosterior
{
    /// <summary>As users write it, lower case.</summary>
    string Name { get; }

    /// <summary>What it reads of a problem.</summary>
    Inputs Inputs { get; }

    /// <summary>Whether <see cref="Draw"/> takes account of what is asked; where it does not, one set of draws serves a whole
    /// batch.</summary>
    bool TakesAsked { get; }

    /// <summary>Rewards of the candidates' responses under some draws.</summary>
    /// <param name="problem">Candidates, features, rewards and past; its <see cref="CandidateProblem.Random"/> makes the draws.</param>
    /// <param name="asked">Candidates to be taken as labelled too, their answers as uncertain as the model says, where the
    /// posterior can; empty for none.</param>
    /// <param name="samples">S ≥ 1; where the draws are given, there are as many as there are.</param>
    /// <returns>[R, S], row by row.</returns>
    float[] Draw(CandidateProblem problem, ReadOnlySpan<int> asked, int samples);
}
