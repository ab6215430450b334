using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests.Kernels;

public class PairLimitsTests
{
    [Test]
    public void By_hand()
    {
        // Two kinds of groups; group 2 is spent with one pair, and 3 of the 4 that may be paid with another.
        var quota = new PairQuota(new PairLimits([0, 2, 0, -1, 1, 2], [2, 5, 1], [1, 3, 1.5f], 4), 3);
        Assert.That(Allowed(quota, 3), Is.EqualTo([0, 1, 2]));
        quota.Take(0);
        Assert.That((quota.Left(0), quota.Left(1), quota.Left(2)), Is.EqualTo((1, 5, 0)));
        Assert.That(quota.RemainingBudget, Is.EqualTo(3).Within(1e-11));
        Assert.That(Allowed(quota, 3), Is.EqualTo([1]));
        Assert.That((quota.Allows(2, 0), quota.Allows(1, 0)), Is.EqualTo((true, true)));
        quota.Take(1);
        Assert.That(Allowed(quota, 3), Is.Empty);
        Assert.That((quota.Allows(2, 0), quota.Allows(2, 1)), Is.EqualTo((false, false)), "too dear, and group 2 is full");
        quota.Return(0);
        Assert.That(Allowed(quota, 3), Is.EqualTo([0]), "1.5 is more than the 1 that is left");
        quota.Return(1);
        Assert.That(Allowed(quota, 3), Is.EqualTo([0, 1, 2]));
    }

    [Test]
    public void Without_limits_all_is_allowed()
    {
        var quota = new PairQuota(null, 1);
        quota.Take(0);
        Assert.That((quota.Allows(0), quota.HasCosts, quota.Cost(0), quota.RemainingBudget),
            Is.EqualTo((true, false, 1.0, double.PositiveInfinity)));
        Assert.That(quota.Groups(0).ToArray(), Is.Empty);
    }

    [Test]
    public void A_group_named_twice_by_a_pair_counts_once()
    {
        var quota = new PairQuota(new PairLimits([0, 0, 0, 1], [2, 0]), 2);
        quota.Take(0);
        Assert.That(quota.Left(0), Is.EqualTo(1));
        Assert.That(quota.Groups(0).ToArray(), Is.EqualTo([0, -1]));
    }

    [Test]
    public void No_pairs_at_all() =>
        Assert.That(new PairQuota(new PairLimits([], [3], [], 1), 0).Left(0), Is.EqualTo(3));

    [Test]
    public void A_budget_may_be_met_exactly()
    {
        var quota = new PairQuota(new PairLimits([], [], [0.1, 0.2, 0.3], 0.1 + 0.2 + 0.3), 3);
        foreach (int i in (int[])[2, 1, 0])
        {
            Assert.That(quota.Allows(i));
            quota.Take(i);
        }
    }

    [Test]
    public void What_is_left_bars_what_is_taken()
    {
        PairLimits rest = Rest(new PairLimits([0, 1, 0, 1], [2, 2], [1, 1, 1, 2], 4), 4, 0, 3);
        var quota = new PairQuota(rest, 4);
        Assert.That(Allowed(quota, 4), Is.EqualTo([1, 2]));
        Assert.That((quota.Left(0), quota.Left(1)), Is.EqualTo((1, 1)));
        Assert.That(quota.RemainingBudget, Is.EqualTo(1).Within(1e-11));
        Assert.That(Allowed(new PairQuota(Rest(null, 3, 1), 3), 3), Is.EqualTo([0, 2]));
    }

    [Test]
    public void Limits_that_mean_nothing_are_refused()
    {
        Refused(() => new PairLimits([0, 1], [1]), "groups holds 1, there are 1 caps.");
        Refused(() => new PairLimits([-2], [1]), "groups holds -2, there are 1 caps.");
        Refused(() => new PairLimits([0], [1, -1]), "The cap of group 1 is -1; it must not be negative.");
        foreach (float cost in (float[])[0, -1, float.NaN, float.PositiveInfinity])
        {
            Refused(() =>
                new PairLimits([], [], [1, cost]), FormattableString.Invariant($"Pair 1 costs {cost}; a cost is finite and above 0."));
        }

        Refused(() => new PairLimits([], [], [1], -1), "A budget is not negative.");
        Refused(() => new PairLimits([], [], [1], double.NaN), "A budget is not negative.");
    }

    [Test]
    public void Limits_of_another_number_of_pairs_are_refused()
    {
        Refused(() => new PairQuota(new PairLimits([0, 0, 0], [1]), 2), "limits.Groups has 3 numbers, there are 2 pairs.");
        Refused(() => new PairQuota(new PairLimits([0], [1]), 0), "limits.Groups has 1 numbers, there are 0 pairs.");
        Refused(() => new PairQuota(new PairLimits([], [], [1]), 2), "limits.Costs has 1 numbers, there are 2 pairs.");
    }

    private static void Refused(Func<object> made, string message) =>
        Assert.That(() => made(), Throws.InstanceOf<ArgumentException>().With.Message.StartsWith(message));

    private static PairLimits Rest(PairLimits? limits, int n, params int[] taken)
    {
        var quota = new PairQuota(limits, n);
        foreach (int i in taken)
        {
            quota.Take(i);
        }

        return quota.Rest(taken);
    }

    private static int[] Allowed(PairQuota quota, int n) => [.. Enumerable.Range(0, n).Where(i => quota.Allows(i))];
}
