using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Peers;

/// <summary>Bench peers: the same work by what a user would take instead, in turn with ours.</summary>
internal static class PeersCommand
{
    private const int UsualRepetitions = 31;

    private static readonly NamedPeer[] All = [Libtorch.Named, .. PeersMeasurement.Python];

    public static Command Create(Output output)
    {
        var repetitions =
            Ask.Integer("--repetitions", "of each piece of work, after warm-up; at least 30 for figures to quote", UsualRepetitions);
        var peers = new Option<string[]>("--peer") { Description = "which; all without", AllowMultipleArgumentsPerToken = true };
        peers.AcceptOnlyFromAmong([.. All.Select(peer => peer.Word)]);
        var works = new Option<string[]>(
            "--work")
        { Description = "which pieces of work; all without", AllowMultipleArgumentsPerToken = true };
        works.AcceptOnlyFromAmong([.. PeerWorks.Words]);
        var device = Ask.OneOf(
            "--device", "where ours computes, and PyTorch with it", BackendKind.Cpu, ("cpu", BackendKind.Cpu), ("cuda", BackendKind.Cuda));
        var folder = Ask.OptionalPath("--out",
            "folder for peers.md and peers.json; what is there of other peers, and of other work on the same commit and machine, stays");
        var command = new Command(
            "peers", "The same work by libtorch, PyTorch and NumPy, each in turn with ours.") { repetitions, peers, works, device, folder };
        var provenance = new Provenance(command);
        command.Does((parsed, cancellation) =>
        {
            if (parsed.GetValue(folder) is { } written)
            {
                AtomicFile.MakeFolder(written);
            }

            int times = Ask.Positive(repetitions.Name, parsed.GetValue(repetitions));
            var measurement = new PeersMeasurement(
                parsed.GetValue(device), PeerSize.Paper, times, provenance.Machine(parsed), provenance.Commit(parsed));
            IReadOnlyCollection<string> named = Named(peers, All.Select(peer => peer.Word));
            PeerSection[] sections =
                [.. measurement.Run(
                All.Where(peer => named.Contains(peer.Word)), Named(works, PeerWorks.Words), output.Out.WriteLine, _ => { }, cancellation)];
            if (parsed.GetValue(folder) is { } path)
            {
                PeersPage.Save(path, sections);
            }

            return Task.FromResult(0);

            IReadOnlyCollection<string> Named(Option<string[]> option, IEnumerable<string> all) =>
                parsed.GetValue(option) is { Length: > 0 } named ? named : [.. all];
        });
        return command;
    }
}
