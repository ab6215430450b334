namespace FisherKernels.Bench.Peers;

/// <summary>What was measured beside one peer, as it is kept in peers.json.</summary>
/// <param name="Peer">Its name.</param>
/// <param name="Absent">Why it was not measured; null where it was.</param>
/// <param name="Version">What the peer is.</param>
/// <param name="Device">What ours is.</param>
/// <param name="Machine">Where.</param>
/// <param name="Commit">Of ours.</param>
/// <param name="Repetitions">Of each row.</param>
/// <param name="Rows">Each piece of work.</param>
internal sealed record PeerSection(
    string Peer, string? Absent, string Version, string Device, string Machine, string Commit, int Repetitions, IReadOnlyList<PeerRow> Rows)
{
    public static PeerSection NotMeasured(string peer, string why) => new(peer, why, "", "", "", "", 0, []);

    /// <summary>This, after what an earlier run measured of other work, where nothing else is different.</summary>
    public PeerSection Beside(PeerSection earlier) => this with { Rows = earlier.Rows } != earlier
        ? this
        : this with
        {
            Rows =
            [.. earlier.Rows.Where(row => !Rows.Any(one => (one.Work, one.Formulation) == (row.Work, row.Formulation))), .. Rows]
        };
}

/// <summary>A piece of work beside one peer.</summary>
/// <param name="Work">What is done.</param>
/// <param name="Formulation">How the peer does it.</param>
/// <param name="Own">Milliseconds of ours, in the order of the repetitions.</param>
/// <param name="Theirs">Of the peer, the same repetitions.</param>
/// <param name="Least">The ratio that ours is to reach, or null.</param>
/// <param name="OwnMegabytes">How far one run of ours raises the resident memory, 10⁶ bytes; null where the system does not tell.</param>
/// <param name="PeerMegabytes">One of the peer's.</param>
/// <param name="Agreement">How far the answers agree.</param>
internal sealed record PeerRow(
    string Work, string Formulation, double[] Own, double[] Theirs, double? Least, double? OwnMegabytes, double? PeerMegabytes,
        string Agreement)
{
    /// <summary>Does it and keeps what it took.</summary>
    public static PeerRow Measure(PeerWork work, int? process, int repetitions, CancellationToken cancellation)
    {
        (double? own, double? theirs) = (PeakMemory.Of(work.Own), PeakMemory.Of(() => work.Theirs(), process));
        string agreement = work.Agreement();
        PairedTiming timing = PairedTiming.Measure(PairedTiming.Clocked(work.Own), work.Theirs, repetitions, cancellation);
        return new(work.Work, work.Formulation, timing.Own, timing.Peer, work.Least, own, theirs, agreement);
    }

    /// <summary>Peer over own, median and 5th and 95th percentile.</summary>
    public (double Median, double Low, double High) Ratio() => new PairedTiming(Own, Theirs).Ratio;
}
