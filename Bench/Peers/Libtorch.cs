using FisherKernels.Kernels;

namespace FisherKernels.Bench.Peers;

/// <summary>libtorch called from C#, where it is built in.</summary>
internal static class Libtorch
{
    public static NamedPeer Named { get; } = new("libtorch", "libtorch through TorchSharp", Open);

    private static (IPeer? Peer, string Absent) Open(PeerData data, BackendKind kind)
    {
#if PEERS
        return kind == BackendKind.Cpu ? (new Torch.TorchPeer(data), "") : (null, "it is built for the CPU only");
#else
        _ = (data, kind);
        return (null, "it is not built in; Bench/Peers/run builds with it (-p:Peers=true) and runs where its libraries load");
#endif
    }
}
