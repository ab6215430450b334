using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Pools;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>Sums of given decimals meet a budget exactly.</summary>
public class PaymentTests
{
    [TestCase(0.1, 0.6, 3)]
    [TestCase(0.1, 0.59, 2)]
    [TestCase(0.7, 4.2, 3)]
    [TestCase(0.001, 0.006, 3)]
    [TestCase(1.1, 6.6, 3)]
    [TestCase(1234567.89, 7407407.34, 3)]
    [TestCase(7, 41, 2)]
    [TestCase(1.0 / 3, 2, 3)]
    public void As_many_pairs_are_paid_as_the_decimals_say(double cost, double budget, int pairs)
    {
        using var pool = EmbeddingPool.FromArray([.. Enumerable.Range(0, 12).Select(j => (float)j)], 1);
        Pair[] candidates = [new(0, 1), new(2, 3), new(4, 5), new(6, 7)];
        (PairLimits? limits, _) =
            new BatchConstraints { Costs = [.. Enumerable.Repeat(cost, 12)], Budget = budget }.Resolve(pool, candidates, 4);
        var quota = new PairQuota(limits, 4);
        int taken = 0;
        while (taken < 4 && quota.Allows(taken))
        {
            quota.Take(taken++);
        }

        Assert.That(taken, Is.EqualTo(pairs));
    }

    [Test]
    public void Many_small_costs_do_not_drift()
    {
        // 100,000 responses at 0.1 are 50,000 pairs at 0.2, and these cost 10,000 to the last one.
        Payment payment = Payment.For([.. Enumerable.Repeat(0.1, 100_000)], 10_000);
        double spent = 0;
        for (int response = 0; response < 100_000; response++)
        {
            spent += payment.Of(response);
        }

        Assert.That(spent, Is.EqualTo(payment.Budget));
        Assert.That(payment.InOwnUnit(spent), Is.EqualTo(10_000));
    }

    [Test]
    public void What_is_no_short_decimal_stays_as_it_is()
    {
        Payment payment = Payment.For([Math.PI, 1e300, 1e-300], Math.E);
        Assert.That((payment.Of(0), payment.Of(1), payment.Of(2), payment.Budget), Is.EqualTo((Math.PI, 1e300, 1e-300, Math.E)));
    }
}
