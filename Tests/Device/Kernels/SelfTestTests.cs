using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests;

public sealed class SelfTestTests
{
    [Test]
    public void The_cpu_agrees_with_itself()
    {
        using Backend cpu = Backend.Open(BackendKind.Cpu, threads: 2);
        Assert.That(SelfTest.Run(cpu), Is.Null);
    }

    [TestCase(0.5001)]
    [TestCase(double.NaN)]
    [TestCase(double.NegativeInfinity)]
    public void A_wrong_number_is_named(double wrong) =>
        Assert.That(SelfTest.Difference("Whiten", [1, wrong], [1, 0.5]),
            Does.StartWith("Whiten gives ").And.EndWith(" at 1, expected 0.5"));

    [Test]
    public void A_rounding_is_not_a_fault() => Assert.That(SelfTest.Difference("Whiten", [1 + 1e-7], [1]), Is.Null);
}
