using FisherKernels.Kernels;
using FisherKernels.Kernels.Cpu;
using FisherKernels.Kernels.Numerics;
using FisherKernels.Learning;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>The factor and its inverse by their definition, at widths of less than a panel, a panel, and several with a rest.</summary>
public class CholeskyFactorTests
{
    [TestCase(1)]
    [TestCase(31)]
    [TestCase(32)]
    [TestCase(33)]
    [TestCase(130)]
    [TestCase(257)]
    public void Factor_and_inverse_are_what_their_names_say_and_the_same_on_two_threads(int d)
    {
        double[] m = Positive(d), l = new double[d * d], inverse = new double[d * d], sharedL = new double[d * d],
            shared = new double[d * d];
        CholeskyFactor.Factor(m, d, 0, l, new PanelUpdate(null));
        CholeskyFactor.Invert(l, d, inverse, new PanelUpdate(null));
        using var threads = new Workers(2);
        CholeskyFactor.Factor(m, d, 0, sharedL, new PanelUpdate(threads));
        CholeskyFactor.Invert(sharedL, d, shared, new PanelUpdate(threads));

        Assert.Multiple(() =>
        {
            // M is d on the diagonal and about 1 beside it: sums of d terms of about 1.
            Assert.That(Product((i, k) => l[i * d + k], (k, j) => l[j * d + k], d), Is.EqualTo(m).Within(1e-11));
            Assert.That(Product((i, k) => l[i * d + k], (k, j) => inverse[k * d + j], d), Is.EqualTo(Identity(d)).Within(1e-12));
            Assert.That(sharedL, Is.EqualTo(l));
            Assert.That(shared, Is.EqualTo(inverse));
        });
    }

    // Random and symmetric with d on the diagonal: positive by far.
    private static double[] Positive(int d)
    {
        var random = new SeededRandom(3);
        double[] m = new double[d * d];
        for (int i = 0; i < d; i++)
        {
            for (int j = 0; j < i; j++)
            {
                m[i * d + j] = m[j * d + i] = random.NextUniform() - 0.5;
            }

            m[i * d + i] = d;
        }

        return m;
    }

    private static double[] Identity(int d) => [.. Enumerable.Range(0, d * d).Select(at => at / d == at % d ? 1.0 : 0)];

    private static double[] Product(Func<int, int, double> left, Func<int, int, double> right, int d) =>
        [.. Enumerable.Range(0, d * d).AsParallel().AsOrdered()
            .Select(at => Enumerable.Range(0, d).Sum(k => left(at / d, k) * right(k, at % d)))];
}
