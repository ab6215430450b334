using FisherKernels.Kernels;

namespace FisherKernels.Learning.Batches;

/// <summary>A pair of the batch for one outside, while log det M grows (Fedorov 1972): at the end no single exchange would help.</summary>
/// <remarks>
/// <code>
/// det M after i goes and j comes, over det M:   (1 + g_j)(1 − g_i) + v_i v_j (δ_iᵀM⁻¹δ_j)² ≤ 1 + g_j − g_i
/// </code>
/// By Cauchy and Schwarz, so only pairs outside with a larger g than some pair inside are looked at.
/// </remarks>
internal sealed class ExchangeOptimiser : IBatchOptimiser
{
    // Pairs without effect in a row after which it is better to see where the gradients stand now.
    private const int Patience = 256;

    // Below a gradient in float32 that rounding took down to it.
    private const double Rounding = 1 - 1.0 / (1 << 22);

    // Nats, far above what rounding makes of an exchange of equals, which would go on for ever.
    private const double Least = 1e-11;

    /// <inheritdoc/>
    public string Name => "exchange";

    /// <inheritdoc/>
    public string Description => "greedy, then pairs are exchanged while that helps";

    /// <inheritdoc/>
    public int[] Choose(BatchProblem problem, SearchEffort effort) =>
        Improve(problem, new GreedyOptimiser().Choose(problem, effort), effort);

    /// <inheritdoc/>
    public Batch Choose(EveryPairProblem problem, SearchEffort effort) => EveryPairBatches.Exchange(problem, effort, new ListLengths());

    /// <summary>Exchanges until nothing helps or the time is up.</summary>
    internal static int[] Improve(BatchProblem problem, int[] indices, SearchEffort effort)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(effort);
        if (indices.Length == 0 || problem.Dimension == 0)
        {
            return indices;
        }

        int[] improved = indices;
        while (true)
        {
            var members = new Members(problem, improved);
            PairQuota quota = problem.Quota(improved);
            double reached = double.NegativeInfinity;
            while (!effort.IsOver && Round(problem, members, quota, effort, ref reached))
            {
            }

            // An exchange may have made room for one more pair: a cheaper one, or one of fewer groups.
            improved = problem.Filled(Duplicates.Lowest(problem, [.. members.Indices]));
            if (improved.Length == members.Count || effort.IsOver)
            {
                return BatchOptimisers.Better(problem, indices, improved);
            }
        }
    }

    // Goes over the pairs outside in descending order of g; false where none helped.
    private static bool Round(BatchProblem problem, Members members, PairQuota quota, SearchEffort effort, ref double reached)
    {
        PrecisionMatrix precision = problem.Precision([.. members.Indices]);
        if (!(precision.LogDeterminant > reached + effort.Tolerance / 2))
        {
            // What the exchanges before seemed to gain was rounding, as it may be where λ is all that is known of a direction.
            return false;
        }

        reached = precision.LogDeterminant;
        float[] g = problem.Gradient(precision).ToArray();
        members.Refresh(precision);
        HashSet<int> inside = [.. members.Indices];
        double floor = Enumerable.Range(0, members.Count).Where(k => !members.IsRequired(k)).Select(members.Gradient)
            .DefaultIfEmpty(double.PositiveInfinity).Min();
        int[] outside =
            [.. Enumerable.Range(0, g.Length).Where(i => g[i] > floor * Rounding && !inside.Contains(i)).OrderByDescending(i => g[i])];
        var cross = new double[members.Count];
        bool helped = false;
        int idle = 0;
        foreach (int pair in outside)
        {
            if (effort.IsOver || (helped && idle >= Patience))
            {
                break;
            }

            var delta = new double[problem.Dimension];
            problem.Delta(pair, delta);
            double own = members.Look(pair, delta, cross);
            (int best, double most) = (-1, Math.Exp(Math.Max(effort.Tolerance, Least)));
            for (int k = 0; k < members.Count; k++)
            {
                double ratio = (1 + own) * (1 - members.Gradient(k)) + cross[k];
                if (ratio > most && !members.IsRequired(k) && quota.Allows(pair, members.Indices[k]))
                {
                    (best, most) = (k, ratio);
                }
            }

            idle++;
            if (best >= 0)
            {
                quota.Return(members.Indices[best]);
                quota.Take(pair);
                members.Swap(best, pair, delta);
                (helped, idle) = (true, 0);
            }
        }

        return helped;
    }
}
