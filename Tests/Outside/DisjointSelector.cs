using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Outside;

/// <summary>A batch selector: the largest scores, but no answer twice as long as there are pairs of others.</summary>
public sealed class DisjointSelector : IBatchSelector
{
    public string Name => "disjoint";

    public bool KeepsLimits => false;

    public Batch Select(CandidateProblem problem, IAcquisition acquisition, BatchRequest request)
    {
        ScoredCandidates scored = problem.Score(acquisition);
        Pair[] pairs = problem.Candidates.Pairs.ToArray();
        int[] order = [.. Enumerable.Range(0, pairs.Length).OrderByDescending(i => scored.Scores[i])];
        HashSet<int> asked = [];
        List<int> first = [], later = [];
        foreach (int i in order)
        {
            bool isNew = !asked.Contains(pairs[i].First) && !asked.Contains(pairs[i].Second);
            (isNew ? first : later).Add(i);
            if (isNew)
            {
                asked.UnionWith([pairs[i].First, pairs[i].Second]);
            }
        }

        int[] batch = [.. first.Concat(later).Take(request.Count)];
        return problem.CreateBatch(batch, [.. batch.Select(i => scored.Values[i])], scored.Precision);
    }
}
