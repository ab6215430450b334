using CsCheck;
using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>A certificate is a proof: on pools of which every batch is looked at, none is better than its bound.</summary>
public class BatchesCertificateTests
{
    // Of log det: the sum M is rounded in another order.
    private const double Rounding = 1e-9;

    private static readonly Backend On = Backend.Open(BackendKind.Cpu, 1);

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void No_batch_is_better_than_the_bound() =>
        Gen.Select(BatchesPool.Small, Gen.OneOfConst(0.5, 0.9, 0.99, 0.999999)).Sample((shape, asked) =>
    {
        using var pool = new BatchesPool(On, shape);
        double best = pool.Best();
        foreach (IBatchOptimiser optimiser in BatchOptimisers.All)
        {
            int[] numbers = optimiser.Choose(pool.Problem, new SearchEffort());
            Certificate quick = Certificate.Compute(pool.Problem, numbers);
            (Certificate proven, Proof proof) = Certificate.Prove(pool.Problem, numbers, asked, new SearchEffort());
            string what = $"{optimiser.Name}, {proof}, {pool}";
            Assert.That(quick.LogDet, Is.EqualTo(pool.LogDet(numbers)).Within(Rounding), what);
            foreach (Certificate certificate in (Certificate[])[quick, proven])
            {
                Assert.That(certificate.UpperBound, Is.GreaterThanOrEqualTo(best - Rounding), what);
                Assert.That(certificate.Efficiency,
                    Is.InRange(0, shape.D == 0 ? 1 : Math.Exp((pool.LogDet(numbers) - best + Rounding) / shape.D)), what);
            }

            Assert.That(proven.UpperBound, Is.LessThanOrEqualTo(quick.UpperBound), what);
            Assert.That(proven.Efficiency >= asked, Is.EqualTo(proof == Proof.Given), what);
        }
    }, iter: 400);

    [Test]
    public void Any_batch_at_all_has_a_valid_bound() => BatchesPool.Small.Sample(shape =>
    {
        using var pool = new BatchesPool(On, shape);
        double best = pool.Best();
        foreach (int[] numbers in pool.All().Where((_, k) => k % 97 == 0))
        {
            Assert.That(Certificate.Compute(pool.Problem, numbers).UpperBound, Is.GreaterThanOrEqualTo(best - Rounding), $"{pool}");
        }
    }, iter: 200);

    [Test]
    public void Where_all_pairs_are_taken_the_bound_is_met() => BatchesPool.Small.Sample(shape =>
    {
        using var pool = new BatchesPool(On, shape with { C = shape.N, Limited = Limited.No });
        Certificate certificate = Certificate.Compute(pool.Problem, [.. Enumerable.Range(0, shape.N)]);
        Assert.That(certificate.UpperBound - certificate.LogDet, Is.InRange(0, 1e-6 * (1 + shape.D)), $"{pool}");
        Assert.That(certificate.HasRelaxedLimits, Is.False);
    }, iter: 100);

    [Test]
    public void Of_orthogonal_pairs_the_best_are_proven_best()
    {
        // One pair for each direction: M is diagonal, and the relaxation takes the two largest v whole.
        using var phi = On.Upload<float>([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1], 4, 3);
        using PairGraph graph = On.Graph([new(1, 0), new(2, 0), new(0, 3)], 4);
        using var v = On.Upload<float>([0.1f, 0.25f, 0.2f], 3);
        using var problem = new BatchProblem(graph, phi, v, new PrecisionMatrix(3, 1), new BatchRequest(2));

        (Certificate best, Proof proof) = Certificate.Prove(problem, [1, 2], 1 - 1e-6, new SearchEffort());
        Assert.That(proof, Is.EqualTo(Proof.Given));
        Assert.That(best.LogDet, Is.EqualTo(Math.Log(1.25 * 1.2)).Within(1e-8));

        (Certificate other, proof) = Certificate.Prove(problem, [0, 1], 1 - 1e-6, new SearchEffort());
        Assert.That(proof, Is.EqualTo(Proof.Impossible));
        Assert.That(other.Efficiency, Is.EqualTo(Math.Pow(1.1 / 1.2, 1.0 / 3)).Within(1e-6));
    }

    [Test]
    public void What_cannot_be_proven_for_want_of_time_is_said_and_the_bound_holds()
    {
        using var pool = new BatchesPool(On, new BatchesShape(3, 12, 4, 3, 1e-3, Limited.No));
        (Certificate found, Proof proof) = Certificate.Prove(pool.Problem, [0, 1, 2, 3], 0.999999, new SearchEffort(TimeSpan.Zero));
        Assert.That(proof, Is.EqualTo(Proof.OutOfTime));
        Assert.That(found, Is.EqualTo(Certificate.Compute(pool.Problem, [0, 1, 2, 3])));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(double.NaN)]
    public void An_efficiency_that_nothing_could_prove_is_refused(double efficiency)
    {
        using var pool = new BatchesPool(On, new BatchesShape(3, 4, 2, 2, 1, Limited.No));
        Assert.That(
            () => Certificate.Prove(pool.Problem, [0, 1], efficiency, new SearchEffort()),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith(
                "An efficiency that can be proven is above 0 and below 1."));
    }

    [Test]
    public void Several_limits_at_once_are_said_to_be_relaxed()
    {
        Limited[] relaxed = [.. Enum.GetValues<Limited>().Where(limited =>
        {
            using var pool = new BatchesPool(On, new BatchesShape(5, 12, 4, 3, 1, limited));
            return Certificate.Compute(pool.Problem, pool.Required).HasRelaxedLimits;
        })];
        Assert.That(relaxed, Is.EqualTo([Limited.TwoKinds, Limited.Paid, Limited.All]));
    }
}
