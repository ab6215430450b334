using FisherKernels.Gpu;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Selection;
using FisherKernels.Tests.Learning;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>A query of a strategy whose score is the gradient of a log det: a device is waited for once.</summary>
public sealed class OneWait
{
    private readonly OpenDevices _devices = new();

    public static IEnumerable<BackendKind> Devices => TestBackends.Devices;

    [OneTimeTearDown]
    public void Close() => _devices.Dispose();

    [Test]
    public void The_host_waits_once([ValueSource(nameof(Devices))] BackendKind kind, [Values("dopt", "padopt", "xtx")] string name)
    {
        if (_devices.Get(kind) is not GpuBackend device)
        {
            Assert.Ignore($"{kind} is no device of ours.");
            return;
        }

        using var drawn = new RandomProblem(device, 40);
        CandidateProblem problem = drawn.Context(1);
        Strategy strategy = Strategy.Parse(name);
        long before = device.Downloads;
        Batch batch = strategy.Select(problem, 10);

        Assert.That(batch.Pairs, Has.Length.EqualTo(10));
        Assert.That(device.Downloads - before, Is.EqualTo(1));
    }
}
