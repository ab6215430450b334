using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>Every candidate with the same chance: what every other strategy has to beat.</summary>
internal sealed class RandomAcquisition : IAcquisition
{
    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public string Description => "every candidate with the same chance";

    /// <inheritdoc/>
    public Inputs Inputs => Inputs.None;

    /// <inheritdoc/>
    public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(score_n);
        var score = new float[score_n.Rows];
        for (int i = 0; i < score.Length; i++)
        {
            // 24 bits fill a float's significand: ties are rare, and go to the lower number like any other.
            score[i] = ((problem.Random.NextBits() >> 40) + 0.5f) * (1f / (1 << 24));
        }

        score_n.CopyFrom(score);
        return null;
    }
}
