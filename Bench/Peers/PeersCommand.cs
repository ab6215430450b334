using System.CommandLine;
using System.Globalization;
using FisherKernels.Cli;
using FisherKernels.Cli.Commands;

namespace FisherKernels.Bench.Peers;

/// <summary>Bench peers: the same work by what a user would take instead, in turn with ours.</summary>
internal static class PeersCommand
{
    private const int UsualRepetitions = 31;

    /// <summary>Why libtorch is not measured; null where it is built in.</summary>
    public static string? Absent =>
#if PEERS
        null;
#else
        "libtorch is not built in; Bench/Peers/run builds with it (-p:Peers=true) and runs where its libraries load";
#endif

    public static Command Create(Output output)
    {
        var repetitions = Ask.Whole("--repetitions", "of each piece of work, after warm-up; at least 30 for figures to quote", UsualRepetitions);
        var commit = new Option<string>("--commit") { Description = "what is measured, for the report", DefaultValueFactory = _ => "" };
        var machine = new Option<string>("--machine") { Description = "where, for the report", DefaultValueFactory = _ => "" };
        var folder = Ask.OptionalPath("--out", "folder for peers.md and peers.json");
        var command = new Command("peers", "The same work by libtorch, in turn with ours.") { repetitions, commit, machine, folder };
        command.Does((parsed, cancellation) =>
        {
            int times = CandidateSettings.Positive(repetitions.Name, parsed.GetValue(repetitions));
            if (Absent is { } why)
            {
                output.Out.WriteLine($"Not measured: {why}.");
                return Task.FromResult(0);
            }

#if PEERS
            Torch.TorchReport.Write(output, times, parsed.GetRequiredValue(commit), parsed.GetRequiredValue(machine), parsed.GetValue(folder), cancellation);
#endif
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>A line of the table.</summary>
    internal static string Row(PeerWork work, PairedTiming timing, double? ownPeak, double? peerPeak, string agreement)
    {
        (double median, double low, double high) = timing.Ratio;
        string least = work.Least is double ratio ? FormattableString.Invariant($"{ratio:0.##}{(median >= ratio ? "" : " (not reached)")}") : "–";
        return FormattableString.Invariant(
            $"| {work.Work} | {work.Peer} | {Quartiles(timing.Own)} | {Quartiles(timing.Peer)} | **{median:F2}** ({low:F2} to {high:F2}) | {least} | {Megabytes(ownPeak)} | {Megabytes(peerPeak)} | {agreement} |");
    }

    private static string Megabytes(double? peak) => peak is double megabytes ? megabytes.ToString("F0", CultureInfo.InvariantCulture) : "–";

    private static string Quartiles(double[] ms) => FormattableString.Invariant(
        $"{PairedTiming.Quantile(ms, 0.5):G3} ({PairedTiming.Quantile(ms, 0.25):G3} to {PairedTiming.Quantile(ms, 0.75):G3})");
}
