using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Batches;

/// <summary>Twice as many pairs as asked for greedily, then out with those that are missed least (Ash, Goel, Krishnamurthy and
/// Kakade 2021).</summary>
/// <remarks>Under limits the first half may take twice of everything; while a limit is broken, only pairs that break it are left
/// out.</remarks>
internal sealed class ForwardBackwardOptimiser : IBatchOptimiser
{
    // A gradient of 1, as rounding may make it of a pair that alone tells of a direction, would lose all.
    private const double Below1 = 1 - 1e-15;

    /// <inheritdoc/>
    public string Name => "forward-backward";

    /// <inheritdoc/>
    public string Description => "twice as many greedily, then those that are missed least are left out";

    /// <inheritdoc/>
    public int[] Choose(BatchProblem problem, SearchEffort effort)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(effort);
        var request = new BatchRequest((int)Math.Min(2L * problem.Count, problem.Candidates.Count))
        {
            Limits = Twice(problem.Limits),
            Required = problem.Required,
        };
        int[] forward;
        using (var twice = new BatchProblem(problem.Candidates, problem.Features, problem.Weights, problem.Start, request))
        {
            forward = twice.Filled(problem.Required);
        }

        int[] kept = problem.Filled(Duplicates.Lowest(problem, Backward(problem, forward, effort)));
        return BatchOptimisers.Better(problem, kept, new TopOptimiser().Choose(problem, effort));
    }

    private static PairLimits? Twice(PairLimits? limits) => limits is null ? null : new PairLimits(
        [.. limits.Groups], [.. limits.Caps.Select(cap => (int)Math.Min(2L * cap, int.MaxValue))], limits.Costs is null
            ? null : [.. limits.Costs], 2 * limits.Budget);

    // Where the time is up, only what must be in, so that the batch is the greedy one.
    private static int[] Backward(BatchProblem problem, int[] indices, SearchEffort effort)
    {
        var members = new Members(problem, indices);
        PairQuota quota = problem.Quota(indices);
        while (members.Count > 0)
        {
            if (effort.IsOver)
            {
                return problem.Required;
            }

            bool broken = quota.RemainingBudget < 0 || members.Indices.Any(Breaks);
            if (!broken && members.Count <= problem.Count)
            {
                break;
            }

            int worst = -1;
            double least = double.PositiveInfinity;
            for (int k = 0; k < members.Count; k++)
            {
                // log(1 − g) is what log det loses; per cost where pairs are paid.
                double loss = -Logarithm.OnePlus(-Math.Clamp(members.Gradient(k), 0, Below1)) / quota.Cost(members.Indices[k]);
                bool isFree = !members.IsRequired(k) && (!broken || quota.RemainingBudget < 0 || Breaks(members.Indices[k]));

                // Of equal ones the higher number goes.
                if (isFree && (loss < least || (loss == least && (worst < 0 || members.Indices[k] > members.Indices[worst]))))
                {
                    (worst, least) = (k, loss);
                }
            }

            if (worst < 0)
            {
                break;
            }

            quota.Return(members.Indices[worst]);
            members.Remove(worst);
        }

        return [.. members.Indices];

        bool Breaks(int pair)
        {
            foreach (int group in quota.Groups(pair))
            {
                if (group >= 0 && quota.Left(group) < 0)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
