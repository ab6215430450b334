using System.Globalization;
using FisherKernels.Kernels;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Batches;

/// <summary>What is asked of a batch besides being informative. Immutable; a value out of range fails where it is written.</summary>
public sealed record BatchConstraints
{
    /// <summary>At most so many pairs with a response to a prompt.</summary>
    public int? PerPrompt
    {
        get;
        init => field = value is null or > 0
            ? value : throw new InputException($"At most {value} pairs of a prompt were asked for; it must be above 0.");
    }

    /// <summary>At most so many pairs with a response.</summary>
    public int? PerResponse
    {
        get;
        init => field = value is null or > 0
            ? value : throw new InputException($"At most {value} pairs of a response were asked for; it must be above 0.");
    }

    /// <summary>[R]: the group of each response of the pool, any whole indices of 64 bits; a pair is of its first response's group,
    /// and all groups get equal shares of the batch.</summary>
    public IReadOnlyList<long>? Groups { get; init; }

    /// <summary>[R]: what reading each response costs, finite and above 0 (tokens, say); a pair costs both.</summary>
    public IReadOnlyList<double>? Costs { get; init; }

    /// <summary>What the batch may cost, met exactly where costs and budget are decimals of up to 15 digits; with it the size of
    /// the batch is whatever can be paid.</summary>
    public double? Budget
    {
        get;
        init => field = value is null or > 0 ? value : throw new InputException($"The budget is {value}; it must be above 0.");
    }

    /// <summary>Pairs of rows of the pool that the batch holds in any case, whichever way round; they have to be among given
    /// candidates, and a learner adds them to its own until they are labelled.</summary>
    public IReadOnlyList<Pair> Required { get; init; } = [];

    /// <summary>Efficiency, in (0, 1), to be proven for the batch.</summary>
    public double? Efficiency
    {
        get;
        init => field = value is null or (> 0 and < 1)
            ? value : throw new InputException($"An efficiency of {value} was asked for; it lies between 0 and 1, 0.98 for example.");
    }

    /// <summary>Wall time for optimiser and proof together; null for none. With one, a batch may depend on how fast the machine
    /// is.</summary>
    public TimeSpan? TimeLimit
    {
        get;
        init => field = value is null || value > TimeSpan.Zero ? value : throw new InputException("The time limit must be above 0.");
    }

    /// <summary>Whether nothing is asked of the batch.</summary>
    internal bool IsFree =>
        PerPrompt is null && PerResponse is null && Groups is null && Costs is null && Budget is null && Required.Count == 0;

    /// <summary>As limits of given candidates, and the indices of those that must be in.</summary>
    /// <param name="pool">Responses.</param>
    /// <param name="candidates">Pairs of its rows.</param>
    /// <param name="count">c.</param>
    /// <exception cref="InputException">Groups or costs of another number of responses, a budget without costs, a pair that must be
    /// in and is no candidate.</exception>
    internal (PairLimits? Limits, int[] Required) Resolve(EmbeddingPool pool, ReadOnlySpan<Pair> candidates, int count)
    {
        ArgumentNullException.ThrowIfNull(pool);
        RequireFit(pool);
        int[] required = RequiredIndices(candidates);
        if (PerPrompt is null && PerResponse is null && Groups is null && Costs is null)
        {
            return (null, required);
        }

        (int[] groups, int[] sizes) = GroupsOf(candidates, pool);
        (double[]? costs, double budget) = CostsOf(candidates);
        int[] caps =
        [
            .. Enumerable.Repeat(PerPrompt ?? 0, pool.Prompts), .. Enumerable.Repeat(PerResponse ?? 0, pool.Responses),
            .. Shares(sizes, count),
        ];
        return (new PairLimits(groups, caps, costs, budget), required);
    }

    private void RequireFit(EmbeddingPool pool)
    {
        RequireLength(Groups?.Count, "groups");
        RequireLength(Costs?.Count, "costs");
        if ((Costs is null) != (Budget is null))
        {
            throw new InputException(
                Costs is null ? "There is a budget, but nobody says what a response costs; give the costs."
                    : "There are costs, but no budget; give one.");
        }

        if (Groups is not null && Budget is not null)
        {
            throw new InputException(
                "Groups share the number of pairs, and with a budget that number is open; leave groups or budget out.");
        }

        void RequireLength(int? given, string what)
        {
            if (given is { } length && length != pool.Responses)
            {
                throw new InputException($"There are {what} of {length} responses, the pool has {pool.Responses}; give one number for "
                    + "each row of the embeddings.");
            }
        }
    }

    // The groups of each candidate, [n, k]: first all prompts, then all responses, then the user's groups, and how many candidates
    // each of these has.
    private (int[] Groups, int[] Sizes) GroupsOf(ReadOnlySpan<Pair> candidates, EmbeddingPool pool)
    {
        int kinds = (PerPrompt is null ? 0 : 2) + (PerResponse is null ? 0 : 2) + (Groups is null ? 0 : 1);
        var groups = new int[candidates.Length * kinds];
        long[] names = Groups is null ? [] : [.. Groups.Distinct().Order()];
        var placed = names.Select((name, at) => (name, at)).ToDictionary(entry => entry.name, entry => entry.at);
        var sizes = new int[names.Length];
        for (int i = 0; i < candidates.Length; i++)
        {
            (int a, int b) = (candidates[i].First, candidates[i].Second);
            Span<int> row = groups.AsSpan(i * kinds, kinds);
            int at = 0;
            if (PerPrompt is not null)
            {
                (int one, int other) = (pool.PromptOf(a), pool.PromptOf(b));
                (row[at++], row[at++]) = (one, other == one ? -1 : other);
            }

            if (PerResponse is not null)
            {
                (row[at++], row[at++]) = (pool.Prompts + a, pool.Prompts + b);
            }

            if (Groups is not null)
            {
                int group = placed[Groups[a]];
                row[at] = pool.Prompts + pool.Responses + group;
                sizes[group]++;
            }
        }

        return (groups, sizes);
    }

    // What each candidate costs, and what there is, in a unit in which sums are exact.
    private (double[]? Costs, double Budget) CostsOf(ReadOnlySpan<Pair> candidates)
    {
        if (Costs is null)
        {
            return (null, double.PositiveInfinity);
        }

        Payment payment = Payment.For(Costs, Budget!.Value);
        var costs = new double[candidates.Length];
        for (int i = 0; i < costs.Length; i++)
        {
            costs[i] = payment.Of(candidates[i].First) + payment.Of(candidates[i].Second);
        }

        return costs.Length == 0 || costs.Min() <= payment.Budget
            ? (costs, payment.Budget)
            : throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"The budget is {Budget}, and the cheapest candidate costs {payment.InOwnUnit(costs.Min())}; raise the budget, or offer "
                + $"cheaper pairs."));
    }

    /// <summary>Equal shares of c, of groups that have no more than their size; what is left over goes to the first ones.</summary>
    internal static int[] Shares(ReadOnlySpan<int> sizes, int count)
    {
        var shares = new int[sizes.Length];
        int left = count;
        while (left > 0)
        {
            int open = 0;
            for (int j = 0; j < sizes.Length; j++)
            {
                open += shares[j] < sizes[j] ? 1 : 0;
            }

            if (open == 0)
            {
                break;
            }

            int each = Math.Max(left / open, 1);
            for (int j = 0; j < sizes.Length && left > 0; j++)
            {
                int more = Math.Min(Math.Min(each, sizes[j] - shares[j]), left);
                shares[j] += more;
                left -= more;
            }
        }

        return shares;
    }

    private int[] RequiredIndices(ReadOnlySpan<Pair> candidates)
    {
        if (Required.Count == 0)
        {
            return [];
        }

        var where = new Dictionary<Pair, int>();
        for (int i = 0; i < candidates.Length; i++)
        {
            where.TryAdd(candidates[i], i);
        }

        return [.. Required.Select(pair => where.TryGetValue(pair, out int i) || where.TryGetValue(new Pair(pair.Second, pair.First), out i)
            ? i
            : throw new InputException($"The pair ({pair.First}, {pair.Second}) must be in the batch, but is no candidate: it was not "
                + "offered, is excluded or is labelled already. Offer it, or leave it out.")).Distinct()];
    }
}
