using System.Text.Json;
using FisherKernels.Bench;
using FisherKernels.Bench.Cases;
using FisherKernels.Bench.Peers;
using FisherKernels.Bench.Report;
using FisherKernels.Cli;
using FisherKernels.Kernels;
using FisherKernels.Tests.Apps;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>Bench report at a tiny size: what is said of a device, and of one that is not there.</summary>
public class ReportTests : InFolder
{
    private static ReportPlan Tiny { get; } = new(
        2, new PeerSize(60, 16, 8, 200, 100, 20, 5, 3),
        [.. OperationCases.Small.Where(one => one.Work < 1000), OperationCases.All.First(one => one.Large)], ["libtorch"], "abc1234");

    [Test]
    public void The_cpu_is_told_with_its_agreement_figures_and_peers()
    {
        Said said = Write(BackendKind.Cpu);

        string page = File.ReadAllText(Directory.GetFiles(Folder, "*.md").Single());
        JsonElement numbers = JsonDocument.Parse(File.ReadAllText(Directory.GetFiles(Folder, "*.json").Single())).RootElement;
        Assert.That(said.Out, Does.StartWith("Report: "));
        Assert.That(page, Does.Contain("commit abc1234").And.Contain($"the same bits in {Tiny.Cases.Count} of {Tiny.Cases.Count} cases"));
        Assert.That(page, Does.Contain($"| {Tiny.Cases[^1]} | ").And.Contain("| one label, 200 candidates scored anew, d = 8 | "));
        Assert.That(page, Does.Contain("## libtorch through TorchSharp\n\nNot measured: it is not built in"));
        Assert.That(numbers.GetProperty("agreement").GetArrayLength(), Is.EqualTo(Tiny.Cases.Count));
        Assert.That(numbers.GetProperty("works").EnumerateArray().Select(work => work.GetProperty("timing").GetProperty("milliseconds").GetArrayLength()), Is.All.EqualTo(20));
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
        Assert.That(ReportText.Of(report with { Agreement = [new("Linear", "Linear n2", 1.5)] }), Does.Contain("| Linear | 1 | 1.5 **disagrees** | Linear n2 |"));
    }

    [Test]
    public void A_device_that_is_not_there_is_named_as_not_measured()
    {
        BackendKind? absent = ((BackendKind[])[BackendKind.Cuda, BackendKind.OpenCl]).Cast<BackendKind?>().FirstOrDefault(kind => Bench.Micro.Operations.Absent(kind!.Value) is not null);
        Assume.That(absent, Is.Not.Null, "every device is there");

        Assert.That(BenchCommand.Do("report", "--device", $"{absent}".ToLowerInvariant(), "--out", Folder).Out, Does.StartWith("Not measured: "));
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
        Assert.That(BenchCommand.Run("report", "--repetitions", "0", "--out", Folder).Code, Is.EqualTo(2));
        Assert.That(BenchCommand.Run("report").Code, Is.EqualTo(2));
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

    private Said Write(BackendKind kind)
    {
        using StringWriter result = new(), error = new();
        ReportCommand.Write(new Output(result, error, IsTerminal: false), [kind], Tiny, Folder, CancellationToken.None);
        return new Said(0, result.ToString(), error.ToString());
    }
}
