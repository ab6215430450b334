using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>One table of cases: the CPU against the definitions, every device against the CPU.</summary>
public sealed class Parity
{
    // An interpreter takes a microsecond for a step that others do in less than a nanosecond.
    private const long SlowWork = 300_000;

    private readonly Backend _cpu = Backend.Open(BackendKind.Cpu);
    private readonly OpenDevices _devices = new();

    public static IEnumerable<TestCaseData> OperationsOnDevices =>
        from kind in TestBackends.Devices
        from operation in OperationCases.All.Select(one => one.Operation).Distinct()
        select new TestCaseData(kind, operation);

    [OneTimeTearDown]
    public void Close()
    {
        _cpu.Dispose();
        _devices.Dispose();
    }

    [TestCaseSource(typeof(OperationCases), nameof(OperationCases.Small))]
    public void Cpu_agrees_with_the_definition(OperationCase one) =>
        Expect.Close(one, one.Run(_cpu), Definition.Of(one.Make()));

    [TestCaseSource(nameof(OperationsOnDevices))]
    public void Devices_agree_with_cpu(BackendKind kind, string operation)
    {
        Backend device = _devices.Get(kind);
        using IDisposable all = Assert.EnterMultipleScope();
        foreach (OperationCase one in OperationCases.All.Where(one => one.Operation == operation))
        {
            if (!OpenDevices.IsSlow(kind) || one.Work <= SlowWork)
            {
                Expect.Close(one, one.Run(device), one.Run(_cpu));
            }
        }
    }

    // What is benchmarked with copies: a second time is as the first, since what the operation changed is copied anew.
    [Test]
    public void With_copies_it_gives_the_same_each_time()
    {
        foreach (OperationCase one in OperationCases.Small)
        {
            using Trial trial = one.Make().Prepare(_cpu);
            trial.LaunchWithCopies();
            trial.LaunchWithCopies();
            Expect.SameBits(trial.Outputs(), one.Run(_cpu), $"{one} with copies");
        }
    }

    [Test]
    public void Results_do_not_depend_on_the_number_of_threads()
    {
        using Backend one = Backend.Open(BackendKind.Cpu, 1), two = Backend.Open(BackendKind.Cpu, 2),
            three = Backend.Open(BackendKind.Cpu, 3);
        foreach (OperationCase any in OperationCases.All)
        {
            IReadOnlyList<double[]> alone = any.Run(one);
            Expect.SameBits(any.Run(two), alone, $"{any} on two threads");
            Expect.SameBits(any.Run(three), alone, $"{any} on three threads");
        }
    }

    [Test]
    public void Backends_on_several_threads_do_not_disturb_each_other()
    {
        OperationCase[] cases = [.. OperationCases.Small.Where(one => one.Work is > 1000 and < 1_000_000)];
        IReadOnlyList<double[]>[] alone = [.. cases.Select(one => one.Run(_cpu))];
        Parallel.For(0, 4, worker =>
        {
            using Backend own = Backend.Open(BackendKind.Cpu, 1 + worker % 2);
            for (int j = 0; j < cases.Length; j++)
            {
                Expect.SameBits(cases[j].Run(own), alone[j], $"{cases[j]} on worker {worker}");
            }
        });
    }
}
