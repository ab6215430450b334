using FisherKernels.Bench;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Around all tests: what ILGPU keeps to itself goes to standard error where FISHER_TRACE=1 asks for it.</summary>
[SetUpFixture]
public sealed class Tracing
{
    private IDisposable? _traced;

    [OneTimeSetUp]
    public void Begin() => _traced = DeviceTrace.Begin(Console.Error);

    [OneTimeTearDown]
    public void End() => _traced?.Dispose();
}
