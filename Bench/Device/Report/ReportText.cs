using System.Globalization;
using System.Text;
using FisherKernels.Bench.Peers;
using FisherKernels.Kernels;

namespace FisherKernels.Bench.Report;

/// <summary>A device's report to be read.</summary>
internal static class ReportText
{
    public static string Of(DeviceReport report)
    {
        Machine machine = report.Machine;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"# {machine.Device}\n\n{machine.Computes}; {machine.Driver}; {machine.Processor}; {machine.System}; "
            + $"commit {(report.Commit.Length > 0 ? report.Commit : "not told")}.\n");
        if (report.UpTo is { } part)
        {
            text.Append(CultureInfo.InvariantCulture, $"Ended early: measured up to {part}.\n");
        }

        text.Append("Milliseconds, median (quartiles); bytes are those allocated on the managed heap in one call, by all threads.\n");
        text.Append("\n## Agreement\n\n");
        if (machine.Kind == "cpu")
        {
            text.Append(CultureInfo.InvariantCulture,
                $"One thread and all threads give the same bits in {report.Agreement.Count(one => one.Error == 0)} of "
                + $"{report.Agreement.Count} cases. Every device is held to these.\n");
        }
        else
        {
            AppendAgreement(text, report.Agreement);
        }

        AppendOperations(text, report.Operations);
        AppendWorks(text, report.Works);
        text.Append("\nBeside peers, in turn; ratio: peer over ours, median (5th to 95th percentile), above 1 ours is faster.\n");
        foreach (PeerSection peer in report.Peers)
        {
            text.Append('\n').Append(PeersPage.Text(peer));
        }

        return text.ToString();
    }

    private static void AppendAgreement(StringBuilder text, IReadOnlyList<Agreement> agreement)
    {
        text.Append("Largest difference from the CPU, in units of what the case allows: up to 1 agrees.\n\n");
        text.Append("| operation | cases | largest | in |\n|---|---:|---:|---|\n");
        foreach (IGrouping<string, Agreement> operation in agreement.GroupBy(one => one.Operation))
        {
            Agreement worst = operation.MaxBy(one => one.Error)!;
            text.Append(CultureInfo.InvariantCulture,
                $"| {operation.Key} | {operation.Count()} | {worst.Error:G2}{(worst.Agrees ? "" : " **disagrees**")} | "
                + $"{(worst.Error == 0 ? "" : Cell(worst.Case))} |\n");
        }
    }

    private static void AppendOperations(StringBuilder text, IReadOnlyList<OperationFigure> operations)
    {
        text.Append("\n## Operations\n\n");
        text.Append("| operation | data there | with copies from and to the host | bytes | with copies |\n|---|---:|---:|---:|---:|\n");
        foreach (OperationFigure one in operations)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {Cell(one.Case)} | {PeersPage.Quartiles(one.Resident.Milliseconds)} | "
                + $"{PeersPage.Quartiles(one.Copied.Milliseconds)} | {one.Resident.Bytes:N0} | {one.Copied.Bytes:N0} |\n");
        }
    }

    private static void AppendWorks(StringBuilder text, IReadOnlyList<WorkFigure> works)
    {
        text.Append("\n## Whole pieces of work\n\n");
        text.Append("| work | median (quartiles) | 99 % below | repetitions | bytes |\n|---|---:|---:|---:|---:|\n");
        foreach (WorkFigure one in works)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {one.Work} | {PeersPage.Quartiles(one.Timing.Milliseconds)} | {one.Timing.Quantile(0.99):G3} | "
                + $"{one.Timing.Milliseconds.Length} | {one.Timing.Bytes:N0} |\n");
        }
    }

    // |r| would end the cell.
    private static string Cell(string words) => words.Replace("|", "\\|", StringComparison.Ordinal);
}
