using System.CommandLine;
using System.Text;
using System.Text.Json;
using FisherKernels.Bench.Cases;
using FisherKernels.Bench.Micro;
using FisherKernels.Bench.Peers;
using FisherKernels.Cli;
using FisherKernels.Cli.Commands;
using FisherKernels.Kernels;
using FisherKernels.Learning.Files;

namespace FisherKernels.Bench.Report;

/// <summary>Bench report: what is right and how fast it is on the devices of this machine, a page and its numbers for each.</summary>
internal static class ReportCommand
{
    private const int UsualRepetitions = 31;

    public static Command Create(Output output)
    {
        var device = Ask.OneOf(
            "--device", "which; every one that is there without", BackendKind.Auto, [.. Measurable.Select(kind => ($"{kind}".ToLowerInvariant(), kind))]);
        var repetitions = Ask.Whole("--repetitions", "of each operation; ten times as many of whole pieces of work, a third beside peers", UsualRepetitions);
        Option<string> commit = Provenance.CommitOption();
        var folder = Ask.Path("--out", "folder for DEVICE.md and DEVICE.json");
        var command = new Command("report", "Agreement, operations, whole pieces of work and peers on the devices of this machine.") { device, repetitions, commit, folder };
        command.Does((parsed, cancellation) =>
        {
            var plan = new ReportPlan(
                CandidateSettings.Positive(repetitions.Name, parsed.GetValue(repetitions)), PeerSize.Paper, OperationCases.All,
                [.. PeersMeasurement.Peers.Select(peer => peer.Word)], parsed.GetRequiredValue(commit));
            Write(output, Named(parsed.GetValue(device)), plan, parsed.GetRequiredValue(folder), cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>Measures and writes each device that is there, and says which are not.</summary>
    public static void Write(Output output, IReadOnlyList<BackendKind> kinds, ReportPlan plan, string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        foreach (BackendKind kind in kinds)
        {
            if (Operations.Absent(kind) is { } why)
            {
                output.Out.WriteLine($"Not measured: {why}");
                continue;
            }

            var report = DeviceReport.Measure(kind, plan, output.Error.WriteLine, cancellation);
            string path = Path.Combine(folder, report.Machine.FileName);
            Put(path + ".json", JsonSerializer.Serialize(report, JsonText.Indented) + "\n");
            Put(path + ".md", ReportText.Of(report));
            output.Out.WriteLine($"Report: {path}.md, numbers: {path}.json");
        }

        static void Put(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }

    // The emulator is there to be right, not fast.
    private static IReadOnlyList<BackendKind> Measurable { get; } = [BackendKind.Cpu, BackendKind.Cuda, BackendKind.OpenCl];

    private static IReadOnlyList<BackendKind> Named(BackendKind kind) => kind == BackendKind.Auto ? Measurable : [kind];
}
