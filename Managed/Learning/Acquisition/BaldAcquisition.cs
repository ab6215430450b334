using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>BALD: the pairs whose answer says most about the head, H(mean p) − mean H(p) over draws from the posterior (MATH.md §4; Houlsby et al. 2011).</summary>
/// <remarks>High where the draws disagree and each of them is sure; 0 where all of them are unsure alike, which entropy cannot tell apart.</remarks>
/// <param name="posterior">What is drawn from.</param>
/// <param name="samples">S ≥ 1, draws where they are made; a context whose draws are given has as many as it has.</param>
public sealed class BaldAcquisition(IPosterior posterior, int samples = 64) : IAcquisition
{
    /// <inheritdoc/>
    public string Name => posterior is LaplacePosterior ? "bald" : "bald-" + posterior.Name;

    /// <inheritdoc/>
    public string Description => posterior is LaplacePosterior
        ? "pairs on which draws from the model's posterior disagree" : $"the same by {posterior.Name} draws";

    /// <inheritdoc/>
    public bool NeedsRewards => posterior is not DropoutPosterior;

    /// <inheritdoc/>
    public bool NeedsPast => posterior.NeedsPast;

    /// <inheritdoc/>
    public bool NeedsRidge => posterior is not DropoutPosterior;

    /// <inheritdoc/>
    public bool NeedsDropout => posterior is DropoutPosterior;

    /// <inheritdoc/>
    public PrecisionMatrix? Score(AcquisitionContext context, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(score_n);
        Pair[] pairs = context.Candidates.Pairs.ToArray();
        float[] r_RS = posterior.Draw(context, [], samples);
        Predictions predictions = Predictions.Of(r_RS, pairs, r_RS.Length / context.Rewards.Rows);
        score_n.CopyFrom([.. Enumerable.Range(0, pairs.Length).Select(i => (float)predictions.Bald(i))]);
        return null;
    }
}
