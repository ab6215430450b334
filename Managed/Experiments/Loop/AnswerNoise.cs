namespace FisherKernels.Experiments.Loop;

/// <summary>Whether a golden annotator errs as people do.</summary>
public enum AnswerNoise
{
    /// <summary>The first wins with probability σ of the reward gap.</summary>
    BradleyTerry,

    /// <summary>The larger reward always wins.</summary>
    None,
}
