using System.Globalization;
using System.Text;
using System.Text.Json;
using FisherKernels.Cli;
using FisherKernels.Learning.Files;

namespace FisherKernels.Bench.Peers.Torch;

/// <summary>Measures and writes the page.</summary>
internal static class TorchReport
{
    /// <summary>Every piece of work in turn with the peer's; the table as it grows, and in the end peers.md and peers.json.</summary>
    public static void Write(Output output, int times, string commit, string machine, string? folder, CancellationToken cancellation)
    {
        var data = new PeerData();
        using var own = new Own(data);
        using var torch = new TorchPeer(data);
        var page = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            # Ours against libtorch

            {own.Device}; {TorchPeer.Version}; {times} repetitions in turn after warm-up{(machine.Length > 0 ? $"; {machine}" : "")}{(commit.Length > 0 ? $"; commit {commit}" : "")}.
            Milliseconds: median (quartiles). Ratio: peer over ours, repetition by repetition, median (5th to 95th percentile); above 1 ours is faster. Everyone has all cores and its data in place.
            MB: how far one run raised the resident memory above where it stood, in 10⁶ bytes; scratch that earlier runs left behind is not counted again.

            | work | peer | ours, ms | peer, ms | ratio | at least | ours, MB | peer, MB | agreement |
            |---|---|---:|---:|---:|---:|---:|---:|---|

            """).ReplaceLineEndings("\n"));
        output.Out.Write(page);
        var rows = new List<object>();
        foreach (PeerWork work in TorchWork.All(own, torch))
        {
            cancellation.ThrowIfCancellationRequested();
            (double? ownPeak, double? peerPeak) = (PeakMemory.Of(work.Own), PeakMemory.Of(work.Theirs));
            string agreement = work.Agreement();
            PairedTiming timing = PairedTiming.Measure(work.Own, work.Theirs, times, cancellation);
            string row = PeersCommand.Row(work, timing, ownPeak, peerPeak, agreement);
            output.Out.WriteLine(row);
            page.Append(row).Append('\n');
            (double median, double low, double high) = timing.Ratio;
            rows.Add(new { work = work.Work, peer = work.Peer, own = timing.Own, theirs = timing.Peer, ratio = new { median, low, high }, least = work.Least, megabytes = new { own = ownPeak, peer = peerPeak }, agreement });
        }

        if (folder is null)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        Put("peers.md", page.ToString());
        Put("peers.json", JsonSerializer.Serialize(
            new { device = own.Device, peer = TorchPeer.Version, machine, commit, repetitions = times, milliseconds = rows }, JsonText.Indented) + "\n");

        void Put(string name, string text) => AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }
}
