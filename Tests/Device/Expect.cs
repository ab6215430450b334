using System.Globalization;
using FisherKernels.Bench.Cases;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Comparisons of arrays of numbers that say where and by how much they differ.</summary>
public static class Expect
{
    public static void Close(OperationCase one, IReadOnlyList<double[]> got, IReadOnlyList<double[]> want)
    {
        Assert.That(got, Has.Count.EqualTo(want.Count), $"{one}: outputs");
        Assert.That(one.ZeroIsRight || want.Any(output => output.Any(number => number != 0)),
            $"{one}: nothing but zeros is expected, which proves little");
        for (int output = 0; output < want.Count; output++)
        {
            Close(got[output], want[output], one.Tolerance, $"{one}, output {output}");
        }
    }

    public static void Close(double[] got, double[] want, Tolerance tolerance, string what)
    {
        Assert.That(got, Has.Length.EqualTo(want.Length), what);
        double largest = Tolerance.Largest(want);
        for (int j = 0; j < want.Length; j++)
        {
            double allowed = tolerance.Allowed(want[j], largest);
            if (!got[j].Equals(want[j]) && !(Math.Abs(got[j] - want[j]) <= allowed))
            {
                Assert.Fail(string.Create(CultureInfo.InvariantCulture,
                    $"{what}, number {j} of {want.Length}: {got[j]:R} instead of {want[j]:R}, off by {Math.Abs(got[j] - want[j]):G3}, "
                    + $"allowed {allowed:G3} ({tolerance.Reason})."));
                return;
            }
        }
    }

    public static void SameBits(IReadOnlyList<double[]> got, IReadOnlyList<double[]> want, string what)
    {
        Assert.That(got, Has.Count.EqualTo(want.Count), what);
        for (int output = 0; output < want.Count; output++)
        {
            Assert.That(
                got[output].Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(want[output].Select(BitConverter.DoubleToInt64Bits)),
                $"{what}, output {output}");
        }
    }
}
