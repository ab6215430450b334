using FisherKernels.Kernels;

namespace FisherKernels.Bench.Peers;

/// <summary>Ours in turn with each peer that is here.</summary>
/// <param name="Device">Where ours computes.</param>
/// <param name="Size">How much there is to do.</param>
/// <param name="Repetitions">Of each piece of work, ≥ 1.</param>
/// <param name="Machine">Where, for the page.</param>
/// <param name="Commit">What, for the page.</param>
internal sealed record PeersMeasurement(BackendKind Device, PeerSize Size, int Repetitions, string Machine, string Commit)
{
    /// <summary>The peers that need nothing but a Python that has them.</summary>
    public static IReadOnlyList<NamedPeer> Python { get; } =
    [
        new("pytorch", "PyTorch in Python", (data, kind) => PythonPeer.PyTorch(data, kind)),
        new("numpy", "NumPy", (data, kind) => PythonPeer.NumPy(data, kind)),
    ];

    /// <summary>One section a peer.</summary>
    /// <param name="peers">Which.</param>
    /// <param name="works">What, by the words of <see cref="PeerWorks"/>.</param>
    /// <param name="told">Of each heading and line as it is there.</param>
    /// <param name="grown">Gets a section that has one row more.</param>
    /// <param name="cancellation">Looked at between repetitions.</param>
    public IEnumerable<PeerSection> Run(
        IEnumerable<NamedPeer> peers, IReadOnlyCollection<string> works, Action<string> told, Action<PeerSection> grown,
        CancellationToken cancellation)
    {
        var data = new PeerData(Size);
        foreach ((string _, string name, Func<PeerData, BackendKind, (IPeer? Peer, string Absent)> open) in peers)
        {
            (IPeer? peer, string absent) = open(data, Device);
            if (peer is null)
            {
                told($"{name}: not measured: {absent}.");
                yield return PeerSection.NotMeasured(name, absent);
                continue;
            }

            using (peer)
            {
                using var own = new Own(data, Device);
                var section = new PeerSection(name, null, peer.Version, own.Device, Machine, Commit, Repetitions, []);
                told(PeersPage.Text(section).TrimEnd('\n'));
                var rows = new List<PeerRow>();
                foreach (PeerWork work in PeerWorks.All(own, peer, works, cancellation))
                {
                    rows.Add(PeerRow.Measure(work, peer.Process, Repetitions, cancellation));
                    told(PeersPage.Line(rows[^1]));
                    grown(section with { Rows = [.. rows] });
                }

                yield return section with { Rows = rows };
            }
        }
    }
}
