namespace FisherKernels.Kernels;

// One pair after the other, each the best beside those before it: MATH.md §5.
public abstract partial class Backend
{
    /// <summary>Greedy D-optimal batch: each pair is the one that adds most to log det(M + Σ v δδᵀ of those before it), the lower
    /// number of equal ones.</summary>
    /// <remarks>
    /// <code>
    /// gain_i = log(1 + v_i q_i),  q_i = δ_iᵀM⁻¹δ_i;   after pair j:  q_i ← q_i − v_j (s_a − s_b)²/(1 + v_j q_j),  s = Φu, u = M⁻¹δ_j
    /// </code>
    /// With costs, the pair with the largest gain per cost of those that can still be paid. log det is submodular: a gain only
    /// falls, and an old one bounds the
    /// new (Minoux 1978), so that the CPU need not look at every pair in every step; a device does, without waiting for the host
    /// between steps.
    /// </remarks>
    /// <param name="graph">n pairs over R responses.</param>
    /// <param name="phi_Rd">[R, d], features.</param>
    /// <param name="v_n">[n], weight of each pair, ≥ 0.</param>
    /// <param name="precision">M before the first pair, d × d.</param>
    /// <param name="count">c, how many pairs at most, 0 ≤ c ≤ n.</param>
    /// <param name="limits">What the batch may hold, or null.</param>
    /// <returns>Numbers of the pairs in the order of their choice, and what each added, in nats; fewer than c where the limits
    /// allow no more.</returns>
    public GreedyBatch Greedy(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, PrecisionMatrix precision, int count, PairLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(precision);
        RequireOwned(graph);
        RequireOwned(phi_Rd);
        Require(phi_Rd, graph.Responses, precision.Dimension);
        Require(v_n, graph.Count);
        if (count < 0 || count > graph.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"{count} of {graph.Count} pairs were asked for.");
        }

        var quota = new PairQuota(limits, graph.Count);
        return count == 0 ? new([], []) : GreedyCore(graph, phi_Rd, v_n, precision, count, quota);
    }

    /// <summary>The work of <see cref="Greedy"/>, of arguments that are checked and not empty.</summary>
    protected abstract GreedyBatch GreedyCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, PrecisionMatrix precision, int count, PairQuota quota);
}

/// <summary>Pairs in the order of their choice.</summary>
/// <param name="Indices">[≤ c], indices of pairs.</param>
/// <param name="Gains">What each added to log det M beside those before it, in nats.</param>
public sealed record GreedyBatch(int[] Indices, double[] Gains);
