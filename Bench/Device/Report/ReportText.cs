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
        Line($"# {machine.Device}");
        Line($"");
        Line($"{machine.Computes}; {machine.Driver}; {machine.Processor}; {machine.System}; commit {(report.Commit.Length > 0 ? report.Commit : "not told")}.");
        if (report.UpTo is { } part)
        {
            Line($"Ended early: measured up to {part}.");
        }

        Line($"Milliseconds, median (quartiles); bytes are those allocated on the managed heap in one call, by all threads.");

        Line($"");
        Line($"## Agreement");
        Line($"");
        if (machine.Kind == "cpu")
        {
            Line($"One thread and all threads give the same bits in {report.Agreement.Count(one => one.Error == 0)} of {report.Agreement.Count} cases. Every device is held to these.");
        }
        else
        {
            Line($"Largest difference from the CPU, in units of what the case allows: up to 1 agrees.");
            Line($"");
            Line($"| operation | cases | largest | in |");
            Line($"|---|---:|---:|---|");
            foreach (IGrouping<string, Agreement> operation in report.Agreement.GroupBy(one => one.Operation))
            {
                Agreement worst = operation.MaxBy(one => one.Error)!;
                Line($"| {operation.Key} | {operation.Count()} | {worst.Error:G2}{(worst.Agrees ? "" : " **disagrees**")} | {(worst.Error == 0 ? "" : Cell(worst.Case))} |");
            }
        }

        Line($"");
        Line($"## Operations");
        Line($"");
        Line($"| operation | data there | with copies from and to the host | bytes | with copies |");
        Line($"|---|---:|---:|---:|---:|");
        foreach (OperationFigure one in report.Operations)
        {
            Line($"| {Cell(one.Case)} | {PeersPage.Quartiles(one.Resident.Milliseconds)} | {PeersPage.Quartiles(one.Copied.Milliseconds)} | {one.Resident.Bytes:N0} | {one.Copied.Bytes:N0} |");
        }

        Line($"");
        Line($"## Whole pieces of work");
        Line($"");
        Line($"| work | median (quartiles) | 99 % below | repetitions | bytes |");
        Line($"|---|---:|---:|---:|---:|");
        foreach (WorkFigure one in report.Works)
        {
            Line($"| {one.Work} | {PeersPage.Quartiles(one.Timing.Milliseconds)} | {one.Timing.Quantile(0.99):G3} | {one.Timing.Milliseconds.Length} | {one.Timing.Bytes:N0} |");
        }

        Line($"");
        Line($"Beside peers, in turn; ratio: peer over ours, median (5th to 95th percentile), above 1 ours is faster.");
        foreach (PeerSection peer in report.Peers)
        {
            text.Append('\n').Append(PeersPage.Text(peer));
        }

        return text.ToString();

        // |r| would end the cell.
        static string Cell(string words) => words.Replace("|", "\\|", StringComparison.Ordinal);

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
