using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>BALD: the pairs whose answer says most about the head, H(mean p) − mean H(p) over draws from the posterior (MATH.md §4;
/// Houlsby et al. 2011).</summary>
/// <remarks>High where the draws disagree and each of them is sure; 0 where all of them are unsure alike, which entropy cannot tell
/// apart.</remarks>
/// <param name="name">As users write it.</param>
/// <param name="description">For people who choose.</param>
/// <param name="posterior">What is drawn from.</param>
/// <param name="samples">S ≥ 1, draws where they are made; a problem whose draws are given has as many as it has.</param>
internal sealed class BaldAcquisition(string name, string description, IPosterior posterior, int samples = 64) : IAcquisition
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Description => description;

    /// <inheritdoc/>
    public Inputs Inputs => posterior.Inputs;

    /// <inheritdoc/>
    public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(score_n);
        Pair[] pairs = problem.Candidates.OnHost.ToArray();
        float[] r_RS = posterior.Draw(problem, [], samples);
        Predictions predictions = Predictions.Compute(r_RS, pairs, r_RS.Length / problem.Responses);
        score_n.CopyFrom([.. Enumerable.Range(0, pairs.Length).Select(i => (float)predictions.Bald(i))]);
        return null;
    }
}
