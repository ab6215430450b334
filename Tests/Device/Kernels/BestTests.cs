using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>The best of a list of pairs: by hand, at its edges, and what is refused. That it is what the operations give:
/// <see cref="SelectorTests"/>.</summary>
public sealed class BestTests
{
    private readonly OpenDevices _devices = new();

    [OneTimeTearDown]
    public void Close() => _devices.Dispose();

    [Test]
    public void By_hand(
        [Values(BackendKind.Cpu, BackendKind.Emulator, BackendKind.OpenCl, BackendKind.Cuda)] BackendKind kind, [Values(0, 1, 3)] int k)
    {
        // d = 1, v = ¼; δ = 1, 2, 1: I = ¼(1 + 4 + 1) = 3/2, M = ½ + 3/2 + 2 = 4; g = v δ²/M = 1/16, 1/4, 1/16.
        Backend on = _devices.Get(kind);
        using PairGraph graph = on.Graph([new(0, 1), new(0, 2), new(2, 1)], 3);
        using DeviceArray<float> phi = on.Upload<float>([0, 1, 2], 3), v = on.Upload<float>([0.25f, 0.25f, 0.25f], 3);
        using DeviceArray<float> g = on.Allocate<float>(3);
        using DeviceArray<double> past = on.Upload<double>([2], 1);

        BestPairs best = on.Best(graph, phi, v, past, 0.5, g, k);

        Assert.That(best.Indices, Is.EqualTo(((int[])[1, 0, 2])[..k]));
        Assert.That(best.Scores, Is.EqualTo(((float[])[0.25f, 0.0625f, 0.0625f])[..k]));
        Assert.That(g.ToArray(), Is.EqualTo([0.0625f, 0.25f, 0.0625f]));
        Assert.That(best.Precision.Precision.ToArray(), Is.EqualTo([4.0]));
        Assert.That(best.Precision.Cholesky.ToArray(), Is.EqualTo([2.0]));
        Assert.That(best.Precision.Ridge, Is.EqualTo(0.5));
        Assert.That(best.Precision.LogDeterminant, Is.EqualTo(Math.Log(4)).Within(1e-15));
    }

    [Test]
    public void A_cancelled_query_stops_and_leaves_nothing_behind([Values(BackendKind.Cpu, BackendKind.Emulator)] BackendKind kind)
    {
        Backend on = _devices.Get(kind);
        using PairGraph graph = on.Graph([new(0, 1)], 2);
        using DeviceArray<float> phi = on.Upload<float>([0, 1], 2), v = on.Upload<float>([1], 1), g = on.Allocate<float>(1);
        var cancelled = new CancellationToken(canceled: true);
        Assert.That(() => on.Best(graph, phi, v, null, 1, g, 1, cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(on.Best(graph, phi, v, null, 1, g, 1).Scores, Is.EqualTo([0.5f]));
    }

    [Test]
    public void What_does_not_fit_together_is_refused([Values(BackendKind.Cpu, BackendKind.Emulator)] BackendKind kind)
    {
        Backend on = _devices.Get(kind);
        using Backend other = Backend.Open(BackendKind.Cpu);
        using PairGraph graph = on.Graph([new(0, 1)], 2);
        using DeviceArray<float> phi = on.Upload<float>([0, 0, 0, 1, 1, 1], 2, 3), v = on.Upload<float>([1], 1), g = on.Allocate<float>(1);
        using DeviceArray<float> two = on.Allocate<float>(2), foreign = other.Allocate<float>(1);
        using DeviceArray<float> bad = on.Upload<float>([0, float.NaN, 0, 1, 1, 1], 2, 3);
        using DeviceArray<double> past = on.Allocate<double>(2, 2);
        Refused(() => on.Best(graph, two, two, null, 1, g, 1), "v_n is 2×1, expected 1×1.");
        Refused(() => on.Best(graph, phi, v, null, 1, two, 1), "g_n is 2×1, expected 1×1.");
        Refused(() => on.Best(graph, v, v, null, 1, g, 1), "phi_Rd is 1×1, expected 2×1.");
        Refused(() => on.Best(graph, phi, v, past, 1, g, 1), "past_dd is 2×2, expected 3×3.");
        Refused(() => on.Best(graph, phi, foreign, null, 1, g, 1), "v_n lives on another backend");
        Refused(() => on.Best(graph, phi, v, null, double.NaN, g, 1), "λ must be finite");
        Refused(() => on.Best(graph, phi, v, null, 1, g, 2), "2 of 1 pairs were asked for.");
        Refused(() => on.Best(graph, phi, v, null, 1, g, -1), "-1 of 1 pairs were asked for.");
        Refused(() => on.Best(graph, bad, v, null, 1, g, 1), "An information matrix has entries that are not finite");

        static void Refused(Action select, string message) =>
            Assert.That(() => select(), Throws.InstanceOf<ArgumentException>().With.Message.StartsWith(message));
    }

    [Test]
    public void A_query_allocates_what_it_returns()
    {
        // Indices and scores of 500, M, L and L⁻¹ of 64 × 64 in float64; one thread, so that no other's scratch is counted.
        using Backend on = Backend.Open(BackendKind.Cpu, threads: 1);
        SelectionProblem problem = SelectionProblem.Create(1_000, 64, 4_000, seed: 1);
        using PairGraph graph = on.Graph(problem.Candidates, 1_000);
        using DeviceArray<float> phi = on.Upload<float>(problem.Features.Numbers, 1_000, 64);
        using DeviceArray<float> r = on.Upload<float>(problem.Rewards.Numbers, 1_000);
        using DeviceArray<float> v = on.Allocate<float>(4_000), g = on.Allocate<float>(4_000);
        Query();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Query();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.InRange(3 * 64 * 64 * 8, 3 * 64 * 64 * 8 + 500 * 8 + 1_000));

        void Query()
        {
            on.PairVariances(graph, r, v);
            on.Best(graph, phi, v, null, 1e-6, g, 500);
        }
    }
}
