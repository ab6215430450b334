using FisherKernels.Kernels;
using FisherKernels.Kernels.Device;

namespace FisherKernels.Learning.Batches;

/// <summary>The relaxation, rounded: the pairs taken whole, then those taken in part, each the best beside those before it.</summary>
public sealed class RelaxedBatch : IBatchOptimiser
{
    // Of log det M per dimension: the relaxation is close enough to its top for rounding.
    private const double Gap = 1e-4;

    /// <inheritdoc/>
    public string Name => "relaxed";

    /// <inheritdoc/>
    public string Description => "the best weights between 0 and 1, rounded";

    /// <inheritdoc/>
    public int[] Choose(BatchProblem problem, SearchEffort effort)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(effort);
        int[] start = new GreedyBatchOptimiser().Choose(problem, effort);
        var relaxation = new Relaxation(problem, start);
        while (!effort.IsOver && relaxation.Step(effort.Tolerance) && relaxation.UpperBound - relaxation.Reached > Gap * problem.Dimension)
        {
        }

        return BatchOptimisers.Better(problem, start, Rounded(problem, relaxation.Weights, effort));
    }

    private static int[] Rounded(BatchProblem problem, double[] weights, SearchEffort effort)
    {
        PairQuota quota = problem.Quota(problem.Must);
        HashSet<int> must = [.. problem.Must];
        var chosen = new List<int>(problem.Must);
        foreach (int i in Enumerable.Range(0, weights.Length).Where(i => weights[i] == 1 && !must.Contains(i)))
        {
            if (chosen.Count < problem.Count && quota.Allows(i))
            {
                quota.Take(i);
                chosen.Add(i);
            }
        }

        List<int> parts = [.. Enumerable.Range(0, weights.Length).Where(i => weights[i] is > 0 and < 1)];
        var inverse = new UpdatedInverse(problem.Precision([.. chosen]));
        double[] delta = new double[problem.Dimension], u = new double[problem.Dimension];
        while (chosen.Count < problem.Count && parts.Count > 0 && !effort.IsOver)
        {
            (int best, double most) = (-1, double.NegativeInfinity);
            foreach (int i in parts)
            {
                if (quota.Allows(i))
                {
                    problem.Delta(i, delta);
                    double gain = Logarithm.OfOnePlus(problem.V[i] * inverse.Multiply(delta, u)) / quota.Cost(i);
                    (best, most) = gain > most ? (i, gain) : (best, most);
                }
            }

            if (best < 0)
            {
                break;
            }

            problem.Delta(best, delta);
            inverse.Update(problem.V[best], u, inverse.Multiply(delta, u));
            quota.Take(best);
            chosen.Add(best);
            parts.Remove(best);
        }

        return problem.Filled(Duplicates.Lowest(problem, [.. chosen]));
    }
}
