using FisherKernels.Kernels;

namespace FisherKernels.Bench.Peers;

/// <summary>A peer that may be here.</summary>
/// <param name="Word">Names it to a command.</param>
/// <param name="Name">As the page calls it.</param>
/// <param name="Open">Starts it on the data, beside ours on a backend; or says why it is absent.</param>
internal sealed record NamedPeer(string Word, string Name, Func<PeerData, BackendKind, (IPeer? Peer, string Absent)> Open);
