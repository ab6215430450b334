using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;

namespace FisherKernels.Outside;

/// <summary>A score: pairs of two good answers, r[a] + r[b], so that people spend their time on the answers that may be used.</summary>
public sealed class PromisingAcquisition : IAcquisition
{
    public string Name => "promising";

    public string Description => "pairs of two answers with high rewards";

    public Inputs Inputs => Inputs.Rewards;

    public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
    {
        float[] r_R = problem.Rewards.ToArray();
        score_n.CopyFrom(Array.ConvertAll(problem.Candidates.Pairs.ToArray(), pair => r_R[pair.First] + r_R[pair.Second]));
        return null;
    }
}
