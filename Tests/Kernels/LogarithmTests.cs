using FisherKernels.Kernels.Numerics;
using NUnit.Framework;

namespace FisherKernels.Tests;

public sealed class LogarithmTests
{
    [Test]
    public void Log_of_one_plus_x_is_right_to_the_last_digits_from_the_smallest_number_to_the_largest()
    {
        // Steps of a factor 1.01 through all exponents, so that mantissas fall everywhere.
        for (double x = double.Epsilon; double.IsFinite(x); x = Math.Max(x * 1.01, Math.BitIncrement(x)))
        {
            // The framework's LogP1 is Log(x + 1), and loses a small x.
            double want = x < 1 ? 2 * Math.Atanh(x / (2 + x)) : Math.Log(1 + x);
            Assert.That(Math.Abs(Logarithm.OnePlus(x) - want), Is.LessThanOrEqualTo(4 * (Math.BitIncrement(want) - want)), $"x = {x:R}");
        }
    }

    [Test]
    public void And_down_to_minus_one()
    {
        for (double x = -1e-300; x > -1; x *= 1.01)
        {
            double want = 2 * Math.Atanh(x / (2 + x));
            Assert.That(Logarithm.OnePlus(x), Is.EqualTo(want).Within(1e-14 * Math.Abs(want)), $"x = {x:R}");
        }

        // The last float64 before −1.
        Assert.That(Logarithm.OnePlus(-1 + Math.ScaleB(1, -53)), Is.EqualTo(-53 * Math.Log(2)).Within(1e-14));
    }

    [TestCase(0, 0)]
    [TestCase(1, 0.69314718055994531)]
    public void By_hand(double x, double log) => Assert.That(Logarithm.OnePlus(x), Is.EqualTo(log));
}
