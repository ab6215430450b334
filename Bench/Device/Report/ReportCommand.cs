using System.CommandLine;
using System.Text;
using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Report;

/// <summary>report: what is right and how fast it is on the devices of this machine, a page and its numbers for each.</summary>
internal static class ReportCommand
{
    private const int UsualRepetitions = 31;

    public static Command Create(TextWriter result, TextWriter progress)
    {
        var device = new Option<string?>("--device") { Description = "which; every one that is there without" };
        device.AcceptOnlyFromAmong([.. Presence.Measurable.Select(provider => provider.Name)]);
        var repetitions = new Option<int>("--repetitions")
        {
            Description = "of each operation; ten times as many of whole pieces of work, a third beside peers",
            DefaultValueFactory = _ => UsualRepetitions,
        };
        var size = new Option<string>("--size")
        {
            Description = "paper: all cases, work of a round of the paper; small: what an interpreter does in a minute",
            DefaultValueFactory = _ => "paper",
        };
        size.AcceptOnlyFromAmong("paper", "small");
        Option<string> commit = Provenance.CommitOption();
        var folder = new Option<string>("--out") { Description = "folder for DEVICE.md and DEVICE.json", Required = true };
        var command =
            new Command("report",
            "Agreement, operations, whole pieces of work and peers on the devices of this machine. Ends with 1 where a device disagrees.")
        {
            device, repetitions, size, commit, folder,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                int times = parsed.GetValue(repetitions) is > 0 and var given
                    ? given : throw new InputException("--repetitions must be at least 1.");
                string what = parsed.GetRequiredValue(commit);
                ReportPlan plan = parsed.GetValue(size) == "small" ? ReportPlan.Small(times, what) : ReportPlan.Paper(times, what);
                string? named = parsed.GetValue(device);
                BackendKind[] kinds = [.. Presence.Measurable.Where(one => named is null || named == one.Name).Select(one => one.Kind)];
                return Write(result, progress, kinds, plan, parsed.GetRequiredValue(folder), cancellation);
            },
            cancellation));
        return command;
    }

    /// <summary>Measures each device that is there, and says which are not.</summary>
    /// <remarks>Files are written anew after each part, so that one who ends it early loses the rest only.</remarks>
    /// <returns>1 where a device disagrees with the CPU, else 0.</returns>
    public static int Write(
        TextWriter result, TextWriter progress, IReadOnlyList<BackendKind> kinds, ReportPlan plan, string folder,
        CancellationToken cancellation)
    {
        AtomicFile.MakeFolder(folder);
        int code = 0;
        foreach (BackendKind kind in kinds)
        {
            if (Presence.Absent(kind) is { } why)
            {
                result.WriteLine($"Not measured: {why}");
                continue;
            }

            var report = DeviceReport.Measure(kind, plan, progress.WriteLine, Keep, cancellation);
            result.WriteLine($"Report: {Path.Combine(folder, report.Machine.FileName)}.md, numbers beside it: .json");
            foreach (Agreement one in report.Agreement.Where(one => !one.Agrees))
            {
                result.WriteLine(FormattableString.Invariant($"Disagrees with the CPU: {one.Case}, {one.Error:G3} times what is allowed"));
                code = 1;
            }
        }

        return code;

        void Keep(DeviceReport report)
        {
            string path = Path.Combine(folder, report.Machine.FileName);
            Put(path + ".json", JsonSerializer.Serialize(report, JsonText.Indented) + "\n");
            Put(path + ".md", ReportText.Of(report));
        }

        static void Put(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }
}
