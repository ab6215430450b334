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
        var precision = new PrecisionMatrix(problem.Dimension, 0, problem.Start.Precision.ToArray(), fisher);
        DeviceArray<float> g = problem.Gradient(precision);
        if (problem.Limits is null && problem.Must.Length == 0)
        {
            return problem.Features.Owner.Top(g, problem.Count);
        }

        float[] scores = g.ToArray();
        return Walk(problem.Quota([]), problem.Must, problem.Count, i => scores[i]);
    }

    /// <summary>In descending order of a score, or of a score per cost, whatever the limits allow; what must be in comes first.</summary>
    /// <param name="quota">With nothing taken.</param>
    /// <param name="must">What must be in.</param>
    /// <param name="count">Pairs at most.</param>
    /// <param name="score">Of n candidates.</param>
    internal static int[] Walk(PairQuota quota, IReadOnlyList<int> must, int count, Func<int, double> score)
    {
        var chosen = new List<int>(must);
        foreach (int i in must)
        {
            quota.Take(i);
        }

        HashSet<int> fixedOnes = [.. must];
        double[] key = [.. Enumerable.Range(0, quota.Count).Select(i => score(i) / quota.Cost(i))];
        foreach (int i in Enumerable.Range(0, key.Length).OrderByDescending(i => key[i]))
        {
            if (chosen.Count >= count)
            {
                break;
            }

            if (!fixedOnes.Contains(i) && quota.Allows(i))
            {
                quota.Take(i);
                chosen.Add(i);
            }
        }

        return [.. chosen];
    }
}
