using BenchmarkDotNet.Attributes;
using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;

namespace FisherKernels.Bench.Micro;

/// <summary>The large cases of the table on the CPU and on every device present, with all arrays already where they are computed on, and with copies there and back.</summary>
public class Operations
{
    private Backend? _backend;
    private Trial? _trial;

    /// <summary>The emulator is left out: it is there to be right, not fast.</summary>
    public static IEnumerable<BackendKind> Present =>
        new[] { BackendKind.Cpu, BackendKind.Cuda, BackendKind.OpenCl }.Where(kind => Presence.Absent(kind) is null);

    public static IEnumerable<OperationCase> Large => OperationCases.All.Where(one => one.Large);

    [ParamsSource(nameof(Large))]
    public OperationCase Case { get; set; } = null!;

    [ParamsSource(nameof(Present))]
    public BackendKind On { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _backend = Backend.Open(On);
        _trial = Case.Make().Prepare(_backend);
    }

    [Benchmark]
    public void Resident()
    {
        _trial!.Launch();
        _backend!.Synchronize();
    }

    [Benchmark]
    public void WithCopies()
    {
        _trial!.LaunchWithCopies();
        _backend!.Synchronize();
    }

    [GlobalCleanup]
    public void Release()
    {
        _trial?.Dispose();
        _backend?.Dispose();
    }
}
