using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Acquisition;

/// <summary>The pairs the model is least sure of: largest entropy of the label (MATH.md §4; paper, eq. 5).</summary>
/// <remarks>
/// H falls with |x|, so the order is that of −|x|: exact in float32, where H itself would tie every |x| below 5e-4.
/// H = log1p(t) + |x|·t/(1 + t) with t = e^−|x|, in nats.
/// </remarks>
internal sealed class EntropyAcquisition : IAcquisition
{
    /// <inheritdoc/>
    public string Name => "entropy";

    /// <inheritdoc/>
    public string Description => "pairs whose answer the model is least sure of";

    /// <inheritdoc/>
    public Inputs Inputs => Inputs.Rewards;

    /// <inheritdoc/>
    public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(score_n);
        RewardGaps.Write(problem, score_n, gap => -gap);
        return null;
    }

    /// <summary>H in nats, from −|x|.</summary>
    public double Value(float score) => Logit.Entropy(score);
}
