namespace FisherKernels.Kernels;

/// <summary>
/// What is left of <see cref="PairLimits"/> while a batch is put together: how many pairs of each group, and how much of the budget.
/// </summary>
/// <remarks>Serves one thread at a time. The limits are copied.</remarks>
public sealed class PairQuota
{
    // A sum of costs may go over a budget that it was to meet exactly by its own rounding.
    private const double Rounding = 1 + 1e-12;

    private readonly int[] _groups, _left;
    private readonly double[]? _costs;
    private readonly int _perPair;

    /// <summary>A quota of which nothing is taken yet.</summary>
    /// <param name="limits">The limits, or null for none.</param>
    /// <param name="count">Number n of pairs, ≥ 0.</param>
    /// <exception cref="ArgumentException">The limits are of another number of pairs.</exception>
    public PairQuota(PairLimits? limits, int count)
    {
        if (limits is not null && (count == 0 ? limits.Groups.Count != 0 : limits.Groups.Count % count != 0))
        {
            throw new ArgumentException($"limits.Groups has {limits.Groups.Count} numbers, there are {count} pairs.", nameof(limits));
        }

        if (limits?.Costs is { } costs && costs.Count != count)
        {
            throw new ArgumentException($"limits.Costs has {costs.Count} numbers, there are {count} pairs.", nameof(limits));
        }

        Count = count;
        _groups = [.. limits?.Groups ?? []];
        _left = [.. limits?.Caps ?? []];
        _costs = limits?.Costs is null ? null : [.. limits.Costs];
        _perPair = count == 0 ? 0 : _groups.Length / count;
        RemainingBudget = limits?.Costs is null ? double.PositiveInfinity : limits.Budget * Rounding;

        // A group is a set: a pair that names it twice counts once.
        for (int pair = 0; pair < count && _perPair > 1; pair++)
        {
            Span<int> own = _groups.AsSpan(pair * _perPair, _perPair);
            for (int kind = 1; kind < own.Length; kind++)
            {
                own[kind] = own[..kind].Contains(own[kind]) ? -1 : own[kind];
            }
        }
    }

    /// <summary>Number n of pairs.</summary>
    public int Count { get; }

    /// <summary>Whether pairs have costs.</summary>
    public bool HasCosts => _costs is not null;

    /// <summary>
    /// What is left of the budget, in the unit of the costs; infinite where pairs are counted, negative where more is taken than it
    /// allows.
    /// </summary>
    public double RemainingBudget { get; private set; }

    /// <summary>What a pair costs, > 0; 1 where pairs are counted.</summary>
    public double Cost(int pair) => _costs is null ? 1 : _costs[pair];

    /// <summary>The groups of a pair, [groups of a pair]; −1 for none.</summary>
    public ReadOnlySpan<int> Groups(int pair) => _groups.AsSpan(pair * _perPair, _perPair);

    /// <summary>How many more pairs of a group may be taken; negative where too many are.</summary>
    public int Left(int group) => _left[group];

    /// <summary>[n, k], the groups of all pairs.</summary>
    internal ReadOnlySpan<int> AllGroups => _groups;

    /// <summary>[G], how many more of each group.</summary>
    internal ReadOnlySpan<int> AllLeft => _left;

    /// <summary>[n], or empty where pairs are counted.</summary>
    internal ReadOnlySpan<double> AllCosts => _costs;

    /// <summary>Whether one more pair may be taken.</summary>
    public bool Allows(int pair)
    {
        foreach (int group in Groups(pair))
        {
            if (group >= 0 && _left[group] <= 0)
            {
                return false;
            }
        }

        return _costs is null || _costs[pair] <= RemainingBudget;
    }

    /// <summary>Whether a pair may be taken once another that is taken leaves.</summary>
    public bool Allows(int pair, int leaves)
    {
        ReadOnlySpan<int> freed = Groups(leaves);
        foreach (int group in Groups(pair))
        {
            if (group >= 0 && _left[group] + (freed.Contains(group) ? 1 : 0) <= 0)
            {
                return false;
            }
        }

        return _costs is null || _costs[pair] <= RemainingBudget + _costs[leaves];
    }

    /// <summary>Takes a pair, allowed or not.</summary>
    public void Take(int pair) => Change(pair, -1);

    /// <summary>Gives back a pair that was taken.</summary>
    public void Return(int pair) => Change(pair, 1);

    /// <summary>What is left, as limits of its own, in which some pairs are excluded by a group with the cap 0.</summary>
    /// <param name="excluded">Indices of the excluded pairs: those that are taken at least.</param>
    public PairLimits Rest(ReadOnlySpan<int> excluded)
    {
        int kinds = _perPair + 1;
        var groups = new int[Count * kinds];
        for (int i = 0; i < Count; i++)
        {
            Groups(i).CopyTo(groups.AsSpan(i * kinds));
            groups[i * kinds + _perPair] = -1;
        }

        foreach (int i in excluded)
        {
            groups[i * kinds + _perPair] = _left.Length;
        }

        return new PairLimits(groups, [.. _left.Select(left => Math.Max(left, 0)), 0], _costs, Math.Max(RemainingBudget / Rounding, 0));
    }

    private void Change(int pair, int change)
    {
        foreach (int group in Groups(pair))
        {
            if (group >= 0)
            {
                _left[group] += change;
            }
        }

        RemainingBudget += _costs is null ? 0 : change * _costs[pair];
    }
}
