using FisherKernels.Bench.Cases;
using FisherKernels.Gpu;
using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using ILGPU;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>A greedy batch in one launch, where groups wait for each other, is the batch of three launches a step; only a CUDA
/// device can launch so.</summary>
public sealed class GreedyAtOnceTests
{
    private readonly OpenDevices _devices = new();

    [OneTimeTearDown]
    public void Close() => _devices.Dispose();

    [Test]
    public void Exact_numbers_and_ties_on_Cuda()
    {
        // δ of pair i is 2 in one column of its own, M = 1: q = 4, and v q = 1, 3 or 7 is not lowered by the other pairs. 1 + v q
        // is a power of two.
        const int Count = 64;
        float[] phi = new float[(Count + 1) * Count];
        for (int i = 0; i < Count; i++)
        {
            phi[(i + 1) * Count + i] = 2;
        }

        float[] v = [.. Enumerable.Range(0, Count).Select(i => (i % 3) switch { 0 => 0.25f, 1 => 1.75f, _ => 0.75f })];
        int[] expected = [.. Enumerable.Range(0, Count).OrderByDescending(i => v[i]).ThenBy(i => i)];
        var pairs = Enumerable.Range(0, Count).Select(i => new Pair(i + 1, 0)).ToArray();
        (GreedyBatch atOnce, GreedyBatch byLaunches) = Both(new(pairs, new(phi, Count + 1, Count), new(v, Count), 1, Count, null));
        Assert.That(atOnce.Indices, Is.EqualTo(expected));
        Assert.That(byLaunches.Indices, Is.EqualTo(expected));
        Assert.That(atOnce.Gains, Is.EqualTo(byLaunches.Gains));
        Assert.That(atOnce.Gains, Is.EqualTo(expected.Select(i => Math.Log(1 + 4 * v[i]))).Within(1e-15));
    }

    // One group and several; one pass over its pairs; batches that take all, and that run into limits.
    [TestCase(2, 1, 1, 1, false)]
    [TestCase(2, 0, 33, 5, false)]
    [TestCase(9, 3, 65, 65, false)]
    [TestCase(33, 17, 257, 40, false)]
    [TestCase(65, 64, 500, 20, false)]
    [TestCase(9, 3, 64, 20, true)]
    [TestCase(33, 17, 257, 100, true)]
    public void Is_the_batch_of_three_launches_a_step_on_Cuda(int responses, int d, int n, int count, bool limited)
    {
        var draw = new Draw(35);
        Pair[] pairs = draw.Pairs(n, responses);
        Matrix<float> phi = draw.Uniform(responses, d), v = draw.Quarters(n);
        PairLimits? limits = limited
            ? new(
                [.. pairs.SelectMany(pair => new[] { pair.First, pair.Second })], [.. Enumerable.Repeat(4, responses)],
                [.. v.Numbers.Select(quarter => 0.5f + quarter)], 0.4 * count)
            : null;
        (GreedyBatch atOnce, GreedyBatch byLaunches) = Both(new(pairs, phi, v, 0.5, count, limits));
        Assert.That(atOnce.Indices, Is.EqualTo(byLaunches.Indices));
        Assert.That(atOnce.Indices, limited ? Has.Length.LessThan(count).And.Not.Empty : Has.Length.EqualTo(count));
        Assert.That(atOnce.Gains, Is.EqualTo(byLaunches.Gains).Within(1e-12));
    }

    [Test]
    public void More_columns_than_shared_memory_holds_are_left_to_three_launches_a_step_on_Cuda()
    {
        var draw = new Draw(36);
        const int D = GreedyAtOnceKernel.MostColumns + 1;
        var (on, problem) = (Cuda(), new Greedy(draw.Pairs(33, 9), draw.Uniform(9, D), draw.Quarters(33), 0.5, 3, null));
        Assert.That(Choose(on, problem, on.GreedyAtOnce), Is.Null);
        Assert.That(Choose(on, problem, (graph, phi, v, precision, count, _) => on.Greedy(graph, phi, v, precision, count))!.Indices,
            Has.Length.EqualTo(3));
    }

    [Test]
    public void More_groups_than_run_at_a_time_are_refused_and_nobody_waits_on_Cuda()
    {
        GpuBackend on = Cuda();
        var run = typeof(GreedyAtOnceKernel).GetMethod(nameof(GreedyAtOnceKernel.Run))!;
        CooperativeLaunch? launch = CooperativeLaunch.Load(on.Stream.Accelerator, run, GreedyAtOnceKernel.Threads, sharedPercent: 20);
        if (launch is null)
        {
            Assert.Ignore("The device has no launches whose groups may wait for each other.");
        }

        // Thirteen views of nothing, and d.
        CooperativeLaunch.Argument[] arguments = [.. Enumerable.Repeat(CooperativeLaunch.Argument.Of(default(ArrayView<double>)), 13), 0];
        Assert.That(launch!.TryRun(1_000_000, GreedyAtOnceKernel.Threads, on.Stream, arguments), Is.False);
    }

    [Test, NonParallelizable]
    public void A_portable_backend_leaves_alone_what_only_CUDA_has_on_Cuda()
    {
        _ = Cuda();
        string? before = Environment.GetEnvironmentVariable("FISHER_PORTABLE");
        Environment.SetEnvironmentVariable("FISHER_PORTABLE", "1");
        try
        {
            using var on = (GpuBackend)Backend.Open(BackendKind.Cuda);
            var draw = new Draw(36);
            Assert.That(on.UsesTensorCores, Is.False);
            Assert.That(Choose(on, new(draw.Pairs(33, 9), draw.Uniform(9, 3), draw.Quarters(33), 0.5, 3, null), on.GreedyAtOnce), Is.Null);
        }
        finally
        {
            Environment.SetEnvironmentVariable("FISHER_PORTABLE", before);
        }
    }

    private (GreedyBatch AtOnce, GreedyBatch ByLaunches) Both(Greedy problem)
    {
        GpuBackend on = Cuda();
        GreedyBatch? atOnce = Choose(on, problem, on.GreedyAtOnce);
        if (atOnce is null)
        {
            Assert.Ignore("The device has no launches whose groups may wait for each other.");
        }

        return (atOnce!, Choose(on, problem, on.GreedyByLaunches)!);
    }

    private GpuBackend Cuda() => (GpuBackend)_devices.Get(BackendKind.Cuda);

    private static GreedyBatch? Choose(
        GpuBackend on, Greedy problem,
        Func<PairGraph, DeviceArray<float>, DeviceArray<float>, PrecisionMatrix, int, PairQuota, GreedyBatch?> choose)
    {
        (int rows, int d) = (problem.Phi_Rd.Rows, problem.Phi_Rd.Columns);
        using PairGraph graph = on.Graph(problem.Pairs, rows);
        using DeviceArray<float> phi_Rd = on.Upload<float>(problem.Phi_Rd.Numbers, rows, d),
            v_n = on.Upload<float>(problem.V_n.Numbers, problem.Pairs.Length);
        return choose(
            graph, phi_Rd, v_n, new PrecisionMatrix(d, problem.Ridge), problem.Count, new PairQuota(problem.Limits, problem.Pairs.Length));
    }
}
