using CsCheck;
using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests.Mathematics;

public class PrecisionMatrixTests
{
    [Test]
    public void By_hand()
    {
        // M = 1 + (3, 2; 2, 1) + 0 = (4, 2; 2, 2) = L Lᵀ with L = (2, 0; 1, 1); det M = 4; M⁻¹ = (½, −½; −½, 1).
        var m = new PrecisionMatrix(2, 1, [3, 2, 2, 1], new double[4]);

        Assert.That(m.Precision.ToArray(), Is.EqualTo([4.0, 2, 2, 2]));
        Assert.That(m.Cholesky.ToArray(), Is.EqualTo([2.0, 0, 1, 1]));
        Assert.That(m.InverseCholesky.ToArray(), Is.EqualTo([0.5, 0, -0.5, 1]));
        Assert.That(m.LogDeterminant, Is.EqualTo(Math.Log(4)).Within(1e-15));
        Assert.That(m.TraceOfInverse, Is.EqualTo(1.5));
        Assert.That(m.TraceOfInverseTimes([2, 1, 1, 3]), Is.EqualTo(1 - 1 + 3).Within(1e-15));
        Assert.That(m.ConditionNumber, Is.EqualTo((3 + Math.Sqrt(5)) / (3 - Math.Sqrt(5))).Within(1e-12));
    }

    [Test]
    public void Condition_number_of_a_diagonal() =>
        Assert.That(new PrecisionMatrix(3, 0, [8, 0, 0, 0, 2, 0, 0, 0, 4]).ConditionNumber, Is.EqualTo(4).Within(1e-14));

    [TestCase(1e200)]
    [TestCase(1e100)]
    [TestCase(1e-200)]
    [TestCase(1)]
    public void Condition_number_whatever_the_scale(double scale) =>
        Assert.That(
            new PrecisionMatrix(2, 0, [2 * scale, scale, scale, 2 * scale]).ConditionNumber, Is.EqualTo(3).Within(1e-14));

    [Test]
    public void A_matrix_that_no_array_could_hold_is_refused() =>
        Assert.That(() => new PrecisionMatrix(60_000, 1),
            Throws.InstanceOf<ArgumentException>().With.Message.StartsWith("A matrix of 60000×60000 has more than"));

    [Test]
    public void One_number()
    {
        var m = new PrecisionMatrix(1, 5, [4]);
        Assert.That(m.Cholesky.ToArray(), Is.EqualTo([3.0]));
        Assert.That(m.LogDeterminant, Is.EqualTo(Math.Log(9)).Within(1e-15));
        Assert.That(m.ConditionNumber, Is.EqualTo(1));
    }

    [Test]
    public void No_features_at_all()
    {
        var m = new PrecisionMatrix(0, 1e-6, []);
        Assert.That(m.LogDeterminant, Is.Zero);
        Assert.That(m.TraceOfInverse, Is.Zero);
        Assert.That(m.ConditionNumber, Is.EqualTo(1));
    }

    [Test]
    public void The_ridge_alone() =>
        Assert.That(new PrecisionMatrix(3, 0.5).LogDeterminant, Is.EqualTo(3 * Math.Log(0.5)).Within(1e-15));

    [Test]
    public void A_singular_matrix_is_refused_with_its_rank()
    {
        // Two equal columns: rank 1 of 2.
        SingularInformationException refused = Assert.Throws<SingularInformationException>(
            () => _ = new PrecisionMatrix(2, 0, [1, 1, 1, 1]))!;

        Assert.That((refused.Dimension, refused.Rank, refused.Ridge, refused.Pivot), Is.EqualTo((2, 1, 0.0, 1)));
        Assert.That(refused.Message, Does.StartWith("The 2×2 information matrix is singular: rank 1, ridge λ = 0, pivot 1"));
    }

    [Test]
    public void Nothing_known_and_no_ridge_is_refused() =>
        Assert.That(
            Assert.Throws<SingularInformationException>(() => _ = new PrecisionMatrix(3, 0, new double[9]))!.Rank, Is.Zero);

    [Test]
    public void A_matrix_that_is_not_finite_is_refused() =>
        Assert.That(
            () => new PrecisionMatrix(1, 1, [double.NaN]),
            Throws.ArgumentException.With.Message.StartsWith("An information matrix has entries that are not finite"));

    [Test]
    public void A_matrix_of_another_size_is_refused() =>
        Assert.That(
            () => new PrecisionMatrix(2, 1, [1.0]),
            Throws.ArgumentException.With.Message.StartsWith("An information matrix has 1 numbers, expected 2×2."));

    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void A_ridge_must_be_finite_and_not_negative(double ridge) =>
        Assert.That(() => new PrecisionMatrix(1, ridge, [1.0]), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void The_factor_gives_back_the_matrix_and_its_inverse_undoes_it() =>
        Gen.Int[1, 12].SelectMany(d => Gen.Double[-1, 1].Array[d * d].Select(a => (d, a))).Sample(sample =>
        {
            (int d, double[] a) = sample;
            var m = new PrecisionMatrix(d, 0.1, Times(a, Transposed(a, d), d));
            double[] l = m.Cholesky.ToArray(), inverse = m.InverseCholesky.ToArray(), one = Times(inverse, l, d),
                back = Times(l, Transposed(l, d), d);
            Assert.That(back, Is.EqualTo(m.Precision.ToArray()).Within(1e-13 * d));
            for (int j = 0; j < d * d; j++)
            {
                Assert.That(one[j], Is.EqualTo(j % (d + 1) == 0 ? 1 : 0).Within(1e-12 * d));
            }
        }, iter: 200);

    private static double[] Transposed(double[] a, int d) => [.. Enumerable.Range(0, d * d).Select(j => a[j % d * d + j / d])];

    private static double[] Times(double[] a, double[] b, int d) =>
        [.. Enumerable.Range(0, d * d).Select(j => Enumerable.Range(0, d).Sum(k => a[j / d * d + k] * b[k * d + j % d]))];

    [Test]
    public void Plus_adds_information_and_keeps_the_ridge()
    {
        double[] one = [2, 1, 1, 3], other = [4, -1, -1, 5];
        PrecisionMatrix sum = new PrecisionMatrix(2, 0.5, one).Plus(other), whole = new(2, 0.5, one, other);
        Assert.That(sum.Precision.ToArray(), Is.EqualTo(whole.Precision.ToArray()));
        Assert.That((sum.LogDeterminant, sum.Ridge), Is.EqualTo((whole.LogDeterminant, 0.5)));
        Assert.That(() => sum.Plus(new double[3]), Throws.ArgumentException);
        Assert.That(() => sum.Plus([double.NaN, 0, 0, 1]), Throws.ArgumentException);
        Assert.That(() => new PrecisionMatrix(2, 0.5)
            .Plus([-0.5, 0, 0, 1]), Throws.TypeOf<SingularInformationException>().With.Message.Contains("λ = 0.5"));
    }
}
