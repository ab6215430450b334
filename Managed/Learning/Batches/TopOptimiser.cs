using FisherKernels.Kernels;

namespace FisherKernels.Learning.Batches;

/// <summary>The paper's batch: the largest gradients of log det M where every candidate is in M (MATH.md §3).</summary>
internal sealed class TopOptimiser : IBatchOptimiser
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
        return problem.Count == 0 ? [] : problem.Top(effort.CancellationToken).Indices;
    }

    /// <inheritdoc/>
    public Batch Choose(EveryPairProblem problem, SearchEffort effort) => problem.Top(effort.CancellationToken);

    /// <summary>What the limits allow, in descending order of a score, or of a score per cost; equal ones ascending.</summary>
    /// <param name="quota">With nothing taken.</param>
    /// <param name="request">How many, and what must be in.</param>
    /// <param name="score">Of each candidate.</param>
    public static int[] Walk(PairQuota quota, BatchRequest request, Func<int, double> score) =>
        Walk(quota, request.Required, request.Count, Descending(quota, score));

    /// <summary>All indices in descending order of a score, or of a score per cost; equal ones ascending.</summary>
    public static IEnumerable<int> Descending(PairQuota quota, Func<int, double> score)
    {
        double[] key = [.. Enumerable.Range(0, quota.Count).Select(i => score(i) / quota.Cost(i))];
        return Enumerable.Range(0, key.Length).OrderByDescending(i => key[i]);
    }

    /// <summary>In a given order whatever the limits allow; what must be in comes first.</summary>
    /// <param name="quota">With nothing taken.</param>
    /// <param name="required">What must be in.</param>
    /// <param name="count">Pairs at most.</param>
    /// <param name="order">Indices of all candidates.</param>
    /// <exception cref="InputException">What must be in is more than the size or the limits allow.</exception>
    public static int[] Walk(PairQuota quota, IReadOnlyList<int> required, int count, IEnumerable<int> order)
    {
        BatchProblem.TakeRequired(quota, required, count);
        var chosen = new List<int>(required);
        foreach (int i in order.Except(required))
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
