using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Selection;
using FisherKernels.Tests.Learning;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Every strategy on every device present: the scores and the batch of the CPU.</summary>
public sealed class StrategyParity
{
    private static readonly Tolerance Limit = new(1e-4, "MATH.md §8: two backends");

    private readonly Backend _cpu = Backend.Open(BackendKind.Cpu);
    private readonly OpenDevices _devices = new();

    public static IEnumerable<TestCaseData> StrategiesOnDevices =>
        from kind in TestBackends.Devices
        from strategy in Strategy.Known
        select new TestCaseData(kind, strategy.Name);

    [OneTimeTearDown]
    public void Close()
    {
        _cpu.Dispose();
        _devices.Dispose();
    }

    [TestCaseSource(nameof(StrategiesOnDevices))]
    public void Devices_score_and_choose_as_the_cpu_does(BackendKind kind, string strategy)
    {
        Backend device = _devices.Get(kind);
        Compare(device, Strategy.Parse(strategy), pairs: 40, responses: 30, width: 4, batch: 10);

        // An interpreter would take minutes.
        if (!OpenDevices.IsSlow(kind))
        {
            Compare(device, Strategy.Parse(strategy), pairs: 3000, responses: 600, width: 64, batch: 100);
        }
    }

    private void Compare(Backend device, Strategy strategy, int pairs, int responses, int width, int batch)
    {
        string name = $"{strategy.Name}, {pairs} pairs";
        using RandomProblem problem = new(_cpu, pairs, responses, width), there = new(device, pairs, responses, width);

        double[] want = strategy.Score(problem.Context(1)).Values;
        Expect.Close(strategy.Score(there.Context(1)).Values, want, Limit, name);

        Batch chosen = strategy.Select(problem.Context(1), batch), found = strategy.Select(there.Context(1), batch);
        if (!strategy.Selector.KeepsLimits)
        {
            // Each pair is chosen beside those before it: after a close call the batches may go ways of their own.
            int same = chosen.Indices.Zip(found.Indices).TakeWhile(pair => pair.First == pair.Second).Count();
            int compared = Math.Min(same + 1, batch);
            Expect.Close(found.Values[..compared], chosen.Values[..compared], Limit, $"{name}, what the first {compared} add");
        }
        else
        {
            double near = Limit.Share * want.Max(Math.Abs), last = want[chosen.Indices[^1]];
            Expect.Close(found.Values, chosen.Values, Limit, $"{name}, values of the batch");
            Assert.That(found.Indices, Is.Unique);
            Assert.That(
                found.Indices.Except(chosen.Indices).Concat(chosen.Indices.Except(found.Indices)).Select(i => want[i]),
                Is.All.EqualTo(last).Within(near), $"{name}, chosen on one of them only");
        }
    }
}
