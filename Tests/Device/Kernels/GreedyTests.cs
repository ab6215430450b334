using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>The greedy batch on every backend: by hand, and what is refused.</summary>
public sealed class GreedyTests
{
    private readonly OpenDevices _devices = new();

    [OneTimeTearDown]
    public void Close() => _devices.Dispose();

    [Test]
    public void By_hand([ValueSource(typeof(TestBackends), nameof(TestBackends.All))] BackendKind kind)
    {
        // φ = 0, 1, 3, v = 1/4, M = 1: q = 1, 9, 4. The second pair makes M = 13/4, then the third 17/4, then the first 18/4.
        GreedyBatch batch = Choose(_devices.Get(kind), [0, 1, 3], null);
        Assert.That(batch.Indices, Is.EqualTo([1, 2, 0]));
        Assert.That(batch.Gains, Is.EqualTo([Math.Log(13.0 / 4), Math.Log(17.0 / 13), Math.Log(18.0 / 17)]).Within(1e-14));
    }

    [Test]
    public void By_hand_within_limits([ValueSource(typeof(TestBackends), nameof(TestBackends.All))] BackendKind kind)
    {
        // Per cost the first pair is best, log(5/4)/0.1; 1.9 is left, too little for the second, and the third makes M = 9/4.
        var limits = new PairLimits([0, 1, 0, 2, 1, 2], [2, 2, 1], [0.1, 2, 1], 2);
        GreedyBatch batch = Choose(_devices.Get(kind), [0, 1, 3], limits);
        Assert.That(batch.Indices, Is.EqualTo([0, 2]));
        Assert.That(batch.Gains, Is.EqualTo([Math.Log(5.0 / 4), Math.Log(9.0 / 5)]).Within(1e-14));
    }

    [Test]
    public void A_gain_without_bound_is_refused([ValueSource(typeof(TestBackends), nameof(TestBackends.All))] BackendKind kind)
    {
        Backend on = _devices.Get(kind);
        Assert.That(
            () => Choose(on, [0, 1, float.PositiveInfinity], null),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith("det M would be multiplied by "));
    }

    private static GreedyBatch Choose(Backend on, float[] phi, PairLimits? limits)
    {
        using PairGraph graph = on.Graph([new(0, 1), new(0, 2), new(1, 2)], 3);
        using DeviceArray<float> phi_Rd = on.Upload<float>(phi, 3, 1), v_n = on.Upload<float>([0.25f, 0.25f, 0.25f], 3);
        return on.Greedy(graph, phi_Rd, v_n, new PrecisionMatrix(1, 1), 3, limits);
    }
}
