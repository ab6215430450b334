using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>x = r[a] − r[b] of the candidates: what entropy and maxdiff look at.</summary>
internal static class RewardGaps
{
    /// <summary>Writes score(|x|) for every candidate.</summary>
    public static void Write(CandidateProblem problem, DeviceArray<float> score_n, Func<float, float> score)
    {
        float[] r = problem.Rewards.ToArray();
        Pair[] pairs = problem.Candidates.OnHost.ToArray();
        var scores = new float[pairs.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = score(MathF.Abs(r[pairs[i].First] - r[pairs[i].Second]));
        }

        score_n.CopyFrom(scores);
    }
}
