namespace FisherKernels.Kernels;

/// <summary>What a batch of pairs may hold: so many of each group, and a budget.</summary>
/// <remarks>
/// A group is any set of pairs of which only some may be taken: those of a prompt, of a response, of a topic; one with the cap 0
/// excludes its
/// pairs.
/// </remarks>
public sealed class PairLimits
{
    /// <summary>Limits that are checked; the arrays are kept and not copied.</summary>
    /// <param name="groups">[n, k] row by row: the groups of each pair, 0 … G − 1; −1 where it has fewer than k.</param>
    /// <param name="caps">[G]: how many pairs of each group may be taken, ≥ 0.</param>
    /// <param name="costs">[n], finite and above 0; empty where pairs are counted, not paid.</param>
    /// <param name="budget">What the batch may cost in all; unused without costs.</param>
    /// <exception cref="ArgumentException">A group that is not there, or a cost that is none.</exception>
    public PairLimits(int[] groups, int[] caps, double[]? costs = null, double budget = double.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(caps);
        int wrong = Array.FindIndex(groups, group => group < -1 || group >= caps.Length);
        if (wrong >= 0)
        {
            throw new ArgumentException($"groups holds {groups[wrong]}, there are {caps.Length} caps.", nameof(groups));
        }

        if (Array.FindIndex(caps, cap => cap < 0) is >= 0 and var below)
        {
            throw new ArgumentException($"The cap of group {below} is {caps[below]}; it must not be negative.", nameof(caps));
        }

        if (costs is not null && Array.FindIndex(costs, cost => !(cost > 0 && double.IsFinite(cost))) is >= 0 and var broken)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"Pair {broken} costs {costs[broken]}; a cost is finite and above 0."), nameof(costs));
        }

        if (double.IsNaN(budget) || budget < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(budget), budget, "A budget is not negative.");
        }

        (Groups, Caps, Costs, Budget) = (groups, caps, costs, budget);
    }

    /// <summary>The groups of each pair, [n, k] row by row, 0 … G − 1; −1 where a pair has fewer than k.</summary>
    public IReadOnlyList<int> Groups { get; }

    /// <summary>How many pairs of each group may be taken, [G], ≥ 0.</summary>
    public IReadOnlyList<int> Caps { get; }

    /// <summary>What each pair costs, [n], finite and above 0; null where pairs are counted.</summary>
    public IReadOnlyList<double>? Costs { get; }

    /// <summary>What all pairs of the batch may cost together, in the unit of the costs.</summary>
    public double Budget { get; }
}
