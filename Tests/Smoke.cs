using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests;

public class Smoke
{
    [Test]
    public void A_backend_opens()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        Assert.That(on.Kind, Is.EqualTo(BackendKind.Cpu));
    }
}
