using System.Text.Json;
using FisherKernels.Bench;
using FisherKernels.Bench.Cases;
using FisherKernels.Bench.Peers;
using FisherKernels.Bench.Report;
using FisherKernels.Kernels;
using FisherKernels.Tests.Apps;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>The report at a tiny size: what is said of a device, of one that disagrees, of one that is not there, and what an early
/// end leaves.</summary>
public class ReportTests : InFolder
{
    private static readonly OperationCase Large = OperationCases.All.First(one => one.Large);

    private static ReportPlan Tiny { get; } = new(
        2, new PeerSize(60, 16, 8, 200, 100, 20, 5, 3), [.. OperationCases.Small.Where(one => one.Work < 1000), Large], [Large],
        [Libtorch.Named], "abc1234");

    [Test]
    public void The_cpu_is_told_with_its_agreement_figures_and_peers()
    {
        Said said = Write(BackendKind.Cpu, Tiny);

        string page = File.ReadAllText(Directory.GetFiles(Folder, "*.md").Single());
        JsonElement numbers = JsonDocument.Parse(File.ReadAllText(Directory.GetFiles(Folder, "*.json").Single())).RootElement;
        Assert.That(said.Out, Does.StartWith("Report: "));
        Assert.That(page, Does.Contain("commit abc1234").And.Contain($"the same bits in {Tiny.Cases.Count} of {Tiny.Cases.Count} cases"));
        Assert.That(page, Does.Contain($"| {Tiny.Cases[^1]} | ").And.Contain("| one label, 200 candidates scored anew, d = 8 | "));
        Assert.That(page,
            Does.Contain("## libtorch through TorchSharp\n\nNot measured: it is not built in").And.Not.Contain("Ended early"));
        Assert.That(numbers.GetProperty("agreement").GetArrayLength(), Is.EqualTo(Tiny.Cases.Count));
        Assert.That(numbers.GetProperty("works").EnumerateArray()
            .Select(work => work.GetProperty("timing").GetProperty("milliseconds").GetArrayLength()), Is.All.EqualTo(20));
    }

    [Test]
    public void Another_device_is_told_with_its_largest_error()
    {
        OperationCase[] cases = [.. OperationCases.Small.Where(one => one.Work is > 0 and < 1000 && one.Operation == nameof(Linear))];
        using var on = Backend.Open(BackendKind.Emulator);
        Agreement[] agreement = DeviceReport.Agree(on, cases, CancellationToken.None);
        var report = new DeviceReport(Machine.Of(on), "", agreement, [], [], []);

        Assert.That(agreement.Select(one => one.Error), Is.All.InRange(0, 1));
        Assert.That(ReportText.Of(report), Does.Contain($"| Linear | {cases.Length} | ").And.Not.Contain("disagrees"));
        Assert.That(ReportText.Of(report with { Agreement = [new("Linear", "Linear n2", 1.5)] }),
            Does.Contain("| Linear | 1 | 1.5 **disagrees** | Linear n2 |"));
    }

    [Test]
    public void A_disagreement_ends_with_1_and_is_named()
    {
        int times = 0;
        var one = new OperationCase("Counting", "of its runs", 1, Tolerance.Exact("a count"), () => new Counting(() => [++times]));
        ReportPlan plan = Tiny with { Cases = [one], Timed = [], Peers = [], Repetitions = 1 };

        Said said = Write(BackendKind.Cpu, plan);

        Assert.That(said.Code, Is.EqualTo(1));
        Assert.That(said.Out, Does.Contain($"Disagrees with the CPU: {one}"));
    }

    [Test]
    public void What_was_measured_before_an_early_end_is_there()
    {
        using var stop = new CancellationTokenSource();
        var kept = new List<DeviceReport>();

        Assert.That(
            () => DeviceReport.Measure(BackendKind.Cpu, Tiny with { Repetitions = 1 }, _ => { }, Keep, stop.Token),
            Throws.InstanceOf<OperationCanceledException>());

        Assert.That(kept.Select(report => report.UpTo), Is.EqualTo(["agreement", "operations"]));
        Assert.That(ReportText.Of(kept[^1]), Does.Contain("Ended early: measured up to operations.\n").And.Contain($"| {Large} | "));
        Assert.That(kept[^1].Works, Is.Empty);

        void Keep(DeviceReport report)
        {
            kept.Add(report);
            if (report.UpTo == "operations")
            {
                stop.Cancel();
            }
        }
    }

    [Test]
    public void A_device_that_is_not_there_is_named_as_not_measured()
    {
        BackendKind? absent = ((BackendKind[])[BackendKind.Cuda, BackendKind.OpenCl]).Cast<BackendKind?>()
            .FirstOrDefault(kind => Presence.Absent(kind!.Value) is not null);
        Assume.That(absent, Is.Not.Null, "every device is there");

        Said said = Run("report", "--device", $"{absent}".ToLowerInvariant(), "--out", Folder);
        Assert.That((said.Code, said.Out[..14]), Is.EqualTo((0, "Not measured: ")));
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
        Assert.That(Run("report", "--repetitions", "0", "--out", Folder).Code, Is.EqualTo(2));
        Assert.That(Run("report", "--device", "abacus", "--out", Folder).Code, Is.EqualTo(2));
        Assert.That(Run("report").Code, Is.EqualTo(2));
    }

    [Test]
    public void Every_kernel_and_every_device_is_told()
    {
        Assert.That(Run("ptx", Folder).Out, Does.StartWith($"{KernelPtx.Kernels.Count} kernels"));
        Assert.That(Directory.GetFiles(Folder, "*Kernel.ptx"), Has.Length.EqualTo(KernelPtx.Kernels.Count).And.Length.GreaterThan(20));
        Assert.That(Run("devices").Out, Does.Contain("Cpu: ").And.Contain("Emulator: "));
    }

    [Test]
    public void A_file_is_named_after_the_device() =>
        Assert.That(new Machine("cuda", "NVIDIA H100 80GB (HBM3)", "", "", "", "").FileName, Is.EqualTo("nvidia-h100-80gb-hbm3"));

    [Test]
    public void Errors_are_in_units_of_what_is_allowed() => Assert.Multiple(() =>
    {
        var share = new Tolerance(0.1, "");
        Assert.That(share.Error([1.5, 10], [1, 10]), Is.EqualTo(0.5).Within(1e-12), "a tenth of the largest");
        Assert.That((share with { OfEach = true }).Error([1.5, 10], [1, 10]), Is.EqualTo(5).Within(1e-12), "a tenth of each");
        Assert.That(share.Error([double.NaN], [1]), Is.EqualTo(double.PositiveInfinity));
        Assert.That(share.Error([1], [1, 2]), Is.EqualTo(double.PositiveInfinity));
        Assert.That(Tolerance.Exact("").Error([1, double.NaN], [1, double.NaN]), Is.Zero);
        Assert.That(Tolerance.Exact("").Error([1 + 1e-15], [1]), Is.EqualTo(double.PositiveInfinity));
    });

    private static Said Run(params string[] arguments)
    {
        using StringWriter result = new(), error = new();
        int code = DeviceCommandLine.RunAsync(arguments, result, error).GetAwaiter().GetResult();
        return new Said(code, result.ToString(), error.ToString());
    }

    private Said Write(BackendKind kind, ReportPlan plan)
    {
        using StringWriter result = new(), error = new();
        int code = ReportCommand.Write(result, error, [kind], plan, Folder, CancellationToken.None);
        return new Said(code, result.ToString(), error.ToString());
    }

    private sealed record Counting(Func<double[]> Number) : Operation
    {
        public override Trial Prepare(Backend backend)
        {
            var trial = new Trial(backend);
            trial.Returned(Number);
            return trial;
        }
    }
}
