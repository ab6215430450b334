using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Batches;

/// <summary>The paper's batch: the largest gradients of log det M where every candidate is in M (MATH.md §3).</summary>
public sealed class TopBatch : IBatchOptimiser
{
    /// <inheritdoc/>
    public string Name => "top";

    /// <inheritdoc/>
    public string Description => "the largest gradients at once, as in the paper";

    /// <inheritdoc/>
    public bool TakesTime => false;

    /// <inheritdoc/>
    public int[] Choose(BatchProblem problem, SearchEffort effort)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(effort);
        effort.Cancellation.ThrowIfCancellationRequested();
        if (problem.Count == 0)
        {
            return [];
        }

        double[] fisher = FisherDesign.Information(problem.Candidates, problem.Features, problem.Weights);
        DeviceArray<float> g = problem.Gradient(problem.Start.Plus(fisher));
        if (problem.Limits is null && problem.Must.Length == 0)
        {
            return problem.Features.Owner.Top(g, problem.Count);
        }

        float[] scores = g.ToArray();
        PairQuota quota = problem.Quota([]);
        return Walk(quota, problem.Must, problem.Count, Descending(quota, i => scores[i]));
    }

    /// <summary>All numbers in descending order of a score, or of a score per cost; equal ones ascending.</summary>
    internal static IEnumerable<int> Descending(PairQuota quota, Func<int, double> score)
    {
        double[] key = [.. Enumerable.Range(0, quota.Count).Select(i => score(i) / quota.Cost(i))];
        return Enumerable.Range(0, key.Length).OrderByDescending(i => key[i]);
    }

    /// <summary>In a given order whatever the limits allow; what must be in comes first.</summary>
    /// <param name="quota">With nothing taken.</param>
    /// <param name="must">What must be in.</param>
    /// <param name="count">Pairs at most.</param>
    /// <param name="order">Numbers of all candidates.</param>
    /// <exception cref="InputException">What must be in is more than the size or the limits allow.</exception>
    internal static int[] Walk(PairQuota quota, IReadOnlyList<int> must, int count, IEnumerable<int> order)
    {
        BatchProblem.TakeMust(quota, must, count);
        var chosen = new List<int>(must);
        foreach (int i in order.Except(must))
        {
            if (chosen.Count >= count)
            {
                break;
            }

            if (quota.Allows(i))
            {
                quota.Take(i);
                chosen.Add(i);
            }
        }

        return [.. chosen];
    }
}
