namespace FisherKernels.Learning.Acquisition;

/// <summary>Monte-Carlo dropout: each draw is the network under one mask, held over all responses (Gal and Ghahramani 2016; consistent masks: Kirsch et al. 2019).</summary>
/// <remarks>
/// Of the whole network, not of its head alone, and of the model only: what is taken as labelled besides cannot enter: where a
/// large batch of BatchBALD has told the masks apart, it starts again with the same ones and only bars what it has. Needs a model that was trained with dropout.
/// </remarks>
public sealed class DropoutPosterior : IPosterior
{
    /// <inheritdoc/>
    public string Name => "dropout";

    /// <inheritdoc/>
    public bool NeedsPast => false;

    /// <inheritdoc/>
    public bool TakesAsked => false;

    /// <inheritdoc/>
    /// <exception cref="InputException">There is no model, or it was trained without dropout.</exception>
    public float[] Draw(AcquisitionContext context, ReadOnlySpan<int> asked, int samples)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        return (context.ThinnedRewards ?? throw new InputException(
            "A dropout posterior needs a model that was trained with dropout; train with --dropout 0.1 or so, or take the strategy without -dropout."))(samples, context.Random);
    }
}
