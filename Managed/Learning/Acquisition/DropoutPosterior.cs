namespace FisherKernels.Learning.Acquisition;

/// <summary>Monte-Carlo dropout: each draw is the network under one mask, held over all responses (Gal and Ghahramani 2016;
/// consistent masks: Kirsch et al. 2019).</summary>
/// <remarks>
/// Of the whole network, not of its head alone, and of the model only: what is taken as labelled besides cannot enter: where a
/// large batch of BatchBALD has told the masks apart, it starts again with the same ones and only bars what it has. Needs a model
/// that was trained with dropout.
/// </remarks>
internal sealed class DropoutPosterior : IPosterior
{
    /// <inheritdoc/>
    public string Name => "dropout";

    /// <inheritdoc/>
    public Inputs Inputs => Inputs.MaskedRewards;

    /// <inheritdoc/>
    public bool TakesAsked => false;

    /// <inheritdoc/>
    /// <exception cref="InputException">There is no model, or it was trained without dropout.</exception>
    /// <exception cref="ArgumentException">What the problem gives is not a whole number of rewards for each response.</exception>
    public float[] Draw(CandidateProblem problem, ReadOnlySpan<int> asked, int samples)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        float[] r_RS = (problem.MaskedRewards ?? throw new InputException(
            "A dropout posterior needs a model that was trained with dropout; train one with dropout of 0.1 or so, or take the strategy "
                + "without -dropout."))(samples, problem.Random);
        return r_RS.Length > 0 && r_RS.Length % problem.Responses == 0
            ? r_RS
            : throw new ArgumentException(
                $"MaskedRewards gave {r_RS.Length} numbers for {problem.Responses} responses, expected as many for each, one or more.",
                nameof(problem));
    }
}
