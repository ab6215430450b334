using BenchmarkDotNet.Attributes;
using FisherKernels.Bench.Cases;
using FisherKernels.Gpu;
using FisherKernels.Kernels;

namespace FisherKernels.Bench.Micro;

/// <summary>The large cases of the table on the CPU and on every device present, with all arrays already where they are computed
/// on, and with copies there and back.</summary>
public class Operations
{
    private Backend? _backend;
    private Trial? _trial;

    public static IEnumerable<BackendKind> Present =>
        Presence.Measurable.Select(provider => provider.Kind).Where(kind => Presence.Absent(kind) is null);

    public static IEnumerable<OperationCase> Large => OperationCases.All.Where(one => one.Large);

    [ParamsSource(nameof(Large))]
    public OperationCase Case { get; set; } = null!;

    [ParamsSource(nameof(Present))]
    public BackendKind On { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        // In a process of its own, which did not come by the command line.
        GpuBackends.Register();
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
