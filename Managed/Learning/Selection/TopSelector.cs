using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Learning.Selection;

/// <summary>The largest scores, largest first, equal ones in the candidates' order.</summary>
internal sealed record TopSelector : IBatchSelector
{
    /// <inheritdoc/>
    public string Name => "";

    /// <inheritdoc/>
    public Batch Select(CandidateProblem problem, IAcquisition acquisition, BatchRequest request)
    {
        if (acquisition.Criterion is { } criterion)
        {
            Batch best = problem.LogDet(criterion, request).Top(request.Effort.CancellationToken);
            int broken = Array.FindIndex(best.Values, value => !double.IsFinite(value));
            return broken < 0 ? best : throw new ScoreException(acquisition.Name, best.Indices.Length > 0 ? best.Indices[broken] : broken);
        }

        ScoredCandidates scored = problem.Score(acquisition);
        int[] indices = request.IsFree
            ? scored.Top(request.Count)
            : TopOptimiser.Walk(new PairQuota(request.Limits, scored.Scores.Length), request, scored.Value);
        return problem.CreateBatch(indices, [.. indices.Select(scored.Value)], scored.Precision);
    }
}
