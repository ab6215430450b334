using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using NUnit.Framework;

namespace FisherKernels.Tests;

public class VectorsTests
{
    [Test]
    public void Products_by_hand()
    {
        double[] x = [1, 2, 3, 4, 5, 6, 7, 8, 9], y = [1, 1, 1, 1, 1, 1, 1, 1, 2], sum = [.. y];
        Vectors.AddMultiple(2, x, sum);
        Assert.That(sum, Is.EqualTo((double[])[3, 5, 7, 9, 11, 13, 15, 17, 20]));
        Assert.That(Vectors.Dot(x, y), Is.EqualTo(54));
        Assert.That(Vectors.SquaredDistance(x, y), Is.EqualTo(0 + 1 + 4 + 9 + 16 + 25 + 36 + 49 + 49));
    }

    [Test]
    public void Outer_products_add_up()
    {
        double[] matrix = [1, 0, 0, 1];
        Vectors.AddOuterProduct(0.5, [2, -4], matrix);
        Assert.That(matrix, Is.EqualTo((double[])[3, -4, -4, 9]));
    }

    [Test]
    public void Rows_lose_their_mean()
    {
        double[] rows = [1, 10, 3, 20, 5, 60], mean = new double[2];
        Vectors.Mean(rows, mean);
        Vectors.Centre(rows, 2);
        Assert.That(mean, Is.EqualTo((double[])[3, 30]));
        Assert.That(rows, Is.EqualTo((double[])[-2, -20, 0, -10, 2, 30]));
    }

    [Test]
    public void Largest_come_first_and_equal_ones_in_their_order() =>
        Assert.That(Vectors.Descending([1, 3, 2, 3, double.NegativeInfinity, 1]), Is.EqualTo((int[])[1, 3, 2, 0, 5, 4]));

    [TestCase(new[] { 1.0, 2 }, -1)]
    [TestCase(new double[] { }, -1)]
    [TestCase(new[] { 1, double.NaN, double.PositiveInfinity }, 1)]
    [TestCase(new[] { double.NegativeInfinity }, 0)]
    public void The_first_value_that_is_not_finite_is_found(double[] values, int index) =>
        Assert.That(Vectors.IndexOfNonFinite<double>(values), Is.EqualTo(index));

    [Test]
    public void Other_lengths_are_refused() => Assert.Multiple(() =>
    {
        Assert.That(() => Vectors.Dot([1, 2], [1]), Throws.ArgumentException);
        Assert.That(() => Vectors.SquaredDistance([1], [1, 2]), Throws.ArgumentException);
        Assert.That(() => Vectors.AddMultiple(1, [1, 2], new double[1]), Throws.ArgumentException);
        Assert.That(() => Vectors.AddOuterProduct(1, [1, 2], new double[3]), Throws.ArgumentException);
        Assert.That(() => Vectors.Mean([1, 2, 3], new double[2]), Throws.ArgumentException);
    });

    [Test]
    public void A_factor_that_is_kept_is_that_of_the_precision_matrix([Values(0, 1, 33, 70)] int d)
    {
        var factor = new WhiteningFactor(d);
        double[] rows = [.. Enumerable.Range(0, 5 * d).Select(at => Math.Sin(at))], whitened = new double[5 * d],
            information = new double[d * d];
        for (int k = 0; k < 3; k++)
        {
            double[] x = [.. Enumerable.Range(0, d).Select(j => Math.Cos(7 * k + j))];
            Vectors.AddOuterProduct(1 + k, x, information);
            factor.Factor(information, 0.5);
            var precision = new PrecisionMatrix(d, 0.5, information);

            Assert.That(factor.LogDeterminant, Is.EqualTo(precision.LogDeterminant));
            Assert.That(factor.InverseCholesky.ToArray(), Is.EqualTo(precision.InverseCholesky.ToArray()));
        }

        factor.Whiten(rows, whitened);

        for (int at = 0; at < whitened.Length; at++)
        {
            double want = Vectors.Dot(factor.InverseCholesky.Slice(at % d * d, d), rows.AsSpan(at / d * d, d));
            Assert.That(whitened[at], Is.EqualTo(want).Within(1e-13));
        }

        Assert.That(() => factor.Whiten(rows, new double[5 * d + 1]), Throws.ArgumentException);
        Assert.That(() => factor.Factor(information, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
