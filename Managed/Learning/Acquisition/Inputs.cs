namespace FisherKernels.Learning.Acquisition;

/// <summary>What a score may read of a problem, beside the candidates themselves.</summary>
[Flags]
public enum Inputs
{
    /// <summary>The candidates only.</summary>
    None = 0,

    /// <summary><see cref="CandidateProblem.Features"/>: needs a model.</summary>
    Features = 1,

    /// <summary><see cref="CandidateProblem.Rewards"/>: needs a model with its head.</summary>
    Rewards = 2,

    /// <summary><see cref="CandidateProblem.Past"/>: the pairs labelled so far.</summary>
    Past = 4,

    /// <summary><see cref="CandidateProblem.Targets"/>: what is to be predicted well.</summary>
    Targets = 8,

    /// <summary><see cref="CandidateProblem.Ridge"/>, the prior precision of the head.</summary>
    Ridge = 16,

    /// <summary><see cref="CandidateProblem.MaskedRewards"/>: needs a model that was trained with dropout.</summary>
    MaskedRewards = 32,
}
