using CsCheck;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using FisherKernels.Learning;
using NUnit.Framework;

namespace FisherKernels.Tests.Mathematics;

public class UpdatedInverseTests
{
    [Test]
    public void By_hand()
    {
        // M = 2·1 and δ = (1, 1): M⁻¹δ = (½, ½), q = 1; with w = 2, M = (4, 2; 2, 4), det 12, M⁻¹ = (4, −2; −2, 4)/12.
        var inverse = new UpdatedInverse(new PrecisionMatrix(2, 2));
        var u = new double[2];
        Assert.That(inverse.Multiply([1, 1], u), Is.EqualTo(1).Within(1e-15));
        Assert.That(u, Is.EqualTo([0.5, 0.5]).Within(1e-15));
        inverse.Update(2, u, 1);
        Assert.That(inverse.Inverse.ToArray(), Is.EqualTo([1 / 3.0, -1 / 6.0, -1 / 6.0, 1 / 3.0]).Within(1e-15));
        Assert.That(inverse.LogDeterminant, Is.EqualTo(Math.Log(12)).Within(1e-15));
    }

    [Test]
    public void Two_hundred_changes_up_and_down_leave_what_the_sum_gives() => Gen.Select(Gen.Int, Gen.Int[1, 20]).Sample((seed, d) =>
    {
        var random = new SeededRandom(seed);
        var inverse = new UpdatedInverse(new PrecisionMatrix(d, 0.1));
        var inside = new Queue<(double W, double[] Delta)>();
        var u = new double[d];
        for (int change = 0; change < 200; change++)
        {
            if (inside.Count > 2 * d && random.NextBelow(2) == 0)
            {
                (double w, double[] delta) = inside.Dequeue();
                inverse.Update(-w, u, inverse.Multiply(delta, u));
            }
            else
            {
                double[] delta = [.. Enumerable.Range(0, d).Select(_ => random.NextNormal())];
                inside.Enqueue((random.NextUniform(), delta));
                inverse.Update(inside.Last().W, u, inverse.Multiply(delta, u));
            }
        }

        var sum = new double[d * d];
        foreach ((double w, double[] delta) in inside)
        {
            for (int j = 0; j < d * d; j++)
            {
                sum[j] += w * delta[j / d] * delta[j % d];
            }
        }

        var anew = new UpdatedInverse(new PrecisionMatrix(d, 0.1, sum));
        Assert.That(inverse.Dimension, Is.EqualTo(d));
        Assert.That(inverse.Inverse.ToArray(), Is.EqualTo(anew.Inverse.ToArray()).Within(1e-9 * anew.Inverse.ToArray().Max()));
        Assert.That(inverse.LogDeterminant, Is.EqualTo(anew.LogDeterminant).Within(1e-9));
    }, iter: 100);

    [Test]
    public void Is_the_inverse() => Gen.Select(Gen.Int, Gen.Int[0, 20]).Sample((seed, d) =>
    {
        var random = new SeededRandom(seed);
        double[] root = [.. Enumerable.Range(0, d * d).Select(_ => random.NextNormal())],
            square = Product(root, [.. root.Select((_, j) => root[j % d * d + j / d])], d);
        var precision = new PrecisionMatrix(d, 0.5, square);
        double[] one = Product(precision.Precision.ToArray(), new UpdatedInverse(precision).Inverse.ToArray(), d);
        Assert.That(one, Is.EqualTo(one.Select((_, j) => j % (d + 1) == 0 ? 1.0 : 0)).Within(1e-11 * (1 + d)));
    }, iter: 100);

    [Test]
    public void A_change_after_which_M_is_not_positive_definite_is_refused(
        [Values(-1, -1.5, double.NaN, double.PositiveInfinity)] double weight)
    {
        var inverse = new UpdatedInverse(new PrecisionMatrix(1, 1));
        Assert.That(
            () => inverse.Update(weight, [1], 1),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith("det M would be multiplied by "));
        Assert.That((inverse.Inverse[0], inverse.LogDeterminant), Is.EqualTo((1.0, 0.0)));
    }

    private static double[] Product(double[] a, double[] b, int d) =>
        [.. Enumerable.Range(0, d * d).Select(j => Enumerable.Range(0, d).Sum(k => a[j / d * d + k] * b[k * d + j % d]))];
}
