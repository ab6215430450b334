using System.Globalization;
using System.Text;
using System.Text.Json;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Peers;

/// <summary>peers.json and the page that is made of it.</summary>
internal static class PeersPage
{
    private const string Header = """
        | work | peer | ours, ms | peer, ms | ratio | at least | ours, MB | peer, MB | agreement |
        |---|---|---:|---:|---:|---:|---:|---:|---|

        """;

    /// <summary>Writes what was measured into a folder; what is there of other peers stays, and of other work measured under the
    /// same circumstances.</summary>
    /// <exception cref="InputException">What is there is not a peers.json of this command.</exception>
    public static void Save(string folder, IReadOnlyList<PeerSection> measured)
    {
        AtomicFile.MakeFolder(folder);
        string path = Path.Combine(folder, "peers.json");
        PeerSection[] kept = Read(path);
        PeerSection[] all =
        [
            .. kept.Select(section => measured.FirstOrDefault(one => one.Peer == section.Peer)?.Beside(section) ?? section),
            .. measured.Where(one => !kept.Any(section => section.Peer == one.Peer)),
        ];
        Put(path, JsonSerializer.Serialize(all, JsonText.Indented) + "\n");
        Put(Path.Combine(folder, "peers.md"), Text(all));
    }

    /// <summary>The page.</summary>
    public static string Text(IReadOnlyList<PeerSection> sections)
    {
        var page = new StringBuilder(
            "# Ours beside what one would take instead\n\n"
            + "Milliseconds: median (quartiles). Ratio: peer over ours, repetition by repetition, in turn after warm-up, median (5th to "
            + "95th percentile); above 1 ours is faster. Everyone has all cores and its data in place.\n"
            + "MB: how far one run raised the resident memory above where it stood, in 10⁶ bytes; scratch that earlier runs left behind "
            + "is not counted again.\n");
        foreach (PeerSection section in sections)
        {
            page.Append('\n').Append(Text(section));
        }

        return page.ToString();
    }

    /// <summary>A peer's part of the page.</summary>
    public static string Text(PeerSection section)
    {
        if (section.Absent is not null)
        {
            return $"## {section.Peer}\n\nNot measured: {section.Absent}.\n";
        }

        string provenance = Provenance.InWords(
            section.Device, section.Version, $"{section.Repetitions} repetitions", section.Machine, Provenance.OfCommit(section.Commit));
        return $"## {section.Peer}\n\n{provenance}.\n\n{Header.ReplaceLineEndings("\n")}"
            + string.Concat(section.Rows.Select(row => Line(row) + "\n"));
    }

    /// <summary>A line of the table.</summary>
    public static string Line(PeerRow row)
    {
        (double median, double low, double high) = row.Ratio();
        string least = row.Least is double ratio
            ? FormattableString.Invariant($"{ratio:0.##}{(median >= ratio ? "" : " (not reached)")}") : "–";
        return string.Create(CultureInfo.InvariantCulture,
            $"| {row.Work} | {row.Formulation} | {Quartiles(row.Own)} | {Quartiles(row.Theirs)} | **{median:F2}** ({low:F2} to "
            + $"{high:F2}) | {least} | {Megabytes(row.OwnMegabytes)} | {Megabytes(row.PeerMegabytes)} | {row.Agreement} |");
    }

    /// <summary>Median (quartiles), three digits.</summary>
    public static string Quartiles(IReadOnlyCollection<double> ms) => FormattableString.Invariant(
        $"{PairedTiming.Quantile(ms, 0.5):G3} ({PairedTiming.Quantile(ms, 0.25):G3} to {PairedTiming.Quantile(ms, 0.75):G3})");

    private static string Megabytes(double? peak) =>
        peak is double megabytes ? megabytes.ToString("F0", CultureInfo.InvariantCulture) : "–";

    private static PeerSection[] Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<PeerSection[]>(File.ReadAllText(path), JsonText.Indented)
                ?? throw new InputException($"{path} holds nothing; delete it to measure afresh.");
        }
        catch (JsonException exception)
        {
            throw new InputException($"{path} is not what bench peers writes ({exception.Message}); delete it to measure afresh.");
        }
    }

    private static void Put(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
