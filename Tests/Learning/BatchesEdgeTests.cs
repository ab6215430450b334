using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Batches;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>Nothing to choose from, nothing to choose, no features, no time; and what is refused.</summary>
public class BatchesEdgeTests
{
    private static readonly Backend On = Backend.Open(BackendKind.Cpu, 1);

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void Every_smallest_size_gives_a_batch_and_its_certificate(
        [Values("0 of 0", "0 of 1", "1 of 1", "0 of 2", "1 of 2", "2 of 2")] string size, [Values(0, 1)] int d, [Values] Limited limited)
    {
        using var pool = new BatchesPool(On, new BatchesShape(4, size[^1] - '0', size[0] - '0', d, 1, limited));
        foreach (IBatchOptimiser optimiser in BatchOptimisers.All)
        {
            int[] numbers = optimiser.Choose(pool.Problem, new SearchEffort());
            Assert.That(pool.All()
                .Any(batch => batch.Order().SequenceEqual(numbers.Order())), $"{optimiser.Name}: {string.Join(' ', numbers)}");
            Assert.That(BatchOrder.Arrange(pool.Problem, numbers).Indices, Is.EquivalentTo(numbers));
            (Certificate certificate, _) = Certificate.Prove(pool.Problem, numbers, 0.99, new SearchEffort());
            Assert.That(certificate.UpperBound, Is.InRange(pool.Best() - 1e-9, double.MaxValue), optimiser.Name);
            Assert.That(certificate.Efficiency, Is.InRange(double.Epsilon, 1), optimiser.Name);
        }
    }

    [Test]
    public void Many_pairs_without_features_come_in_their_order()
    {
        using var pool = new BatchesPool(On, new BatchesShape(4, 900, 100, 0, 1, Limited.No));
        foreach (IBatchOptimiser optimiser in BatchOptimisers.All)
        {
            Assert.That(optimiser.Choose(pool.Problem, new SearchEffort()), Is.EqualTo(Enumerable.Range(0, 100)), optimiser.Name);
        }
    }

    [Test]
    public void Where_all_must_be_in_all_are_in()
    {
        using var free = new BatchesPool(On, new BatchesShape(4, 20, 3, 4, 1e-3, Limited.No));
        using var problem =
            new BatchProblem(
            free.Problem.Candidates, free.Problem.Features, free.Problem.Weights, free.Start,
            new BatchRequest(3) { Required = [7, 2, 11] });
        foreach (IBatchOptimiser optimiser in BatchOptimisers.All)
        {
            Assert.That(optimiser.Choose(problem, new SearchEffort()), Is.EquivalentTo([7, 2, 11]), optimiser.Name);
        }

        (Certificate certificate, Proof proof) = Certificate.Prove(problem, [7, 2, 11], 0.99999, new SearchEffort());
        Assert.That((proof, certificate.HasRelaxedLimits), Is.EqualTo((Proof.Given, false)));
    }

    [Test]
    public void Without_time_a_batch_comes_all_the_same([Values] Limited limited)
    {
        using var pool = new BatchesPool(On, new BatchesShape(9, 400, 30, 6, 1e-3, limited), 40);
        foreach (IBatchOptimiser optimiser in BatchOptimisers.All)
        {
            int[] numbers = optimiser.Choose(pool.Problem, new SearchEffort(TimeSpan.Zero));
            Assert.That(pool.KeepsLimits(numbers), optimiser.Name);
            Assert.That(pool.Required, Is.SubsetOf(numbers), optimiser.Name);
            Assert.That(Enumerable.Range(0, 400).Except(numbers).Where(i => pool.KeepsLimits([.. numbers, i])), Is.Empty, optimiser.Name);
        }
    }

    [Test]
    public void A_ridge_at_the_rounding_of_M_costs_no_batch([Values(1e-10, 1e-12)] double ridge, [Values] Limited limited)
    {
        // M⁻¹ starts at 1/λ and falls to about 1: differences of what is large leave 16 + log λ digits.
        for (int seed = 0; seed < 6; seed++)
        {
            using var pool = new BatchesPool(On, new BatchesShape(seed, 60, 12, 6, ridge, limited));
            double top = pool.LogDet(new TopOptimiser().Choose(pool.Problem, new SearchEffort()));
            foreach (IBatchOptimiser optimiser in BatchOptimisers.All)
            {
                int[] numbers = optimiser.Choose(pool.Problem, new SearchEffort());
                (Certificate certificate, _) = Certificate.Prove(pool.Problem, numbers, 0.9999, new SearchEffort());
                Assert.That(pool.KeepsLimits(numbers), $"{optimiser.Name}, {pool}");
                Assert.That(pool.LogDet(numbers), Is.InRange(top - 1e-3, certificate.UpperBound + 1e-3), $"{optimiser.Name}, {pool}");
                (int[] order, double[] gains) = BatchOrder.Arrange(pool.Problem, numbers);
                Assert.That(gains.Sum(), Is.EqualTo(pool.LogDet(order) - pool.Start.LogDeterminant)
                    .Within(1e-3), $"{optimiser.Name}, {pool}");
            }
        }
    }

    [Test]
    public void Whoever_gives_up_is_obeyed()
    {
        using var pool = new BatchesPool(On, new BatchesShape(9, 40, 5, 3, 1e-3, Limited.No));
        var effort = new SearchEffort(CancellationToken: new CancellationToken(canceled: true));
        foreach (IBatchOptimiser optimiser in BatchOptimisers.All)
        {
            Assert.That(() => optimiser.Choose(pool.Problem, effort), Throws.InstanceOf<OperationCanceledException>(), optimiser.Name);
        }

        Assert.That(() =>
            Certificate.Prove(pool.Problem, [0, 1, 2, 3, 4], 0.9999999, effort), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void A_tolerance_that_is_none_is_refused([Values(0, -1e-3, double.NaN, double.PositiveInfinity)] double tolerance) =>
        Assert.That(
            () => new SearchEffort(Tolerance: tolerance),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith("A tolerance is finite and above 0."));

    [Test]
    public void What_must_be_in_beyond_the_limits_is_refused()
    {
        const string Message = "The pairs that must be in are more than the limits allow: pair 1 is one too many. Ask for a larger "
            + "batch, raise a limit, or leave one of them out.";
        using var pool = new BatchesPool(On, new BatchesShape(9, 3, 2, 2, 1, Limited.No));
        Assert.That(() =>
            Problem(pool, 2, new PairLimits([0, 0, 0], [1]), [0, 1]), Throws.TypeOf<InputException>().With.Message.EqualTo(Message));
        Assert.That(() => Problem(pool, 2, new PairLimits([], [], [1, 1, 1], 1.5), [0, 1]),
            Throws.TypeOf<InputException>().With.Message.EqualTo(Message));
        Assert.That(() => Problem(pool, 0, null, [1]), Throws.TypeOf<InputException>().With.Message.EqualTo(Message));
    }

    [Test]
    public void What_must_be_in_is_there_and_there_once()
    {
        using var pool = new BatchesPool(On, new BatchesShape(9, 3, 2, 2, 1, Limited.No));
        Assert.That(() =>
            Problem(pool, 2, null, [1, 1]), Throws.ArgumentException.With.Message.StartsWith("Pair 1 must be in, but stands there twice"));
        Assert.That(() =>
            Problem(pool, 2, null, [3]), Throws.ArgumentException.With.Message.StartsWith("Pair 3 must be in, but there are 3 pairs"));
        Assert.That(() =>
            Problem(pool, 2, null, [-1]), Throws.ArgumentException.With.Message.StartsWith("Pair -1 must be in, but there are 3 pairs"));
    }

    [Test]
    public void Arrays_and_sizes_that_do_not_fit_are_refused()
    {
        using var pool = new BatchesPool(On, new BatchesShape(9, 3, 2, 2, 1, Limited.No));
        Assert.That(() =>
            Problem(pool, 4, null, []), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith("There are 3 pairs."));
        Assert.That(() => Problem(pool, -1, null, []), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new BatchProblem(
                pool.Problem.Candidates, pool.Problem.Features, pool.Problem.Weights, new PrecisionMatrix(3, 1), new BatchRequest(2)),
            Throws.ArgumentException.With.Message.StartsWith(
                "There are 3 pairs of 10 responses and M₀ is 3×3, but features is 10×2 and weights has 3 numbers."));
    }

    [Test]
    public void Nothing_known_and_no_ridge_is_refused_before_anything_is_chosen() =>
        Assert.That(
            () => new PrecisionMatrix(2, 0, new double[4]),
            Throws.TypeOf<SingularInformationException>().With.Message.StartsWith(
                "The 2×2 information matrix is singular: rank 0, ridge λ = 0, pivot 0"));

    private static void Problem(BatchesPool pool, int count, PairLimits? limits, int[] must) =>
        new BatchProblem(
            pool.Problem.Candidates, pool.Problem.Features, pool.Problem.Weights, pool.Start,
            new BatchRequest(count) { Limits = limits, Required = must }).Dispose();
}
