using System.Text.Json;
using FisherKernels.Cli;
using FisherKernels.Learning;
using FisherKernels.Learning.Files;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>Everything measured of one commit on one machine: growth.json.</summary>
/// <param name="Device">What computed.</param>
/// <param name="Machine">Where.</param>
/// <param name="Commit">What was measured.</param>
/// <param name="Seed">Of the data.</param>
/// <param name="Cells">In the order they were measured.</param>
internal sealed record GrowthResults(string Device, string Machine, string Commit, int Seed, IReadOnlyList<GrowthCell> Cells)
{
    private const string Name = "growth.json";

    /// <summary>The fit to their memory; null where too little was measured for one.</summary>
    public MemoryFit? Memory => MemoryFit.To(Cells);

    /// <summary>What the folder has of the same commit, device, machine and seed, or nothing yet.</summary>
    /// <exception cref="InputException">What it has is of something else, or is no result.</exception>
    public static GrowthResults Open(string folder, string device, string machine, string commit, int seed)
    {
        string path = Path.Combine(folder, Name);
        var fresh = new GrowthResults(device, machine, commit, seed, []);
        if (!File.Exists(path))
        {
            return fresh;
        }

        GrowthResults? kept;
        try
        {
            kept = JsonSerializer.Deserialize<GrowthResults>(File.ReadAllBytes(path), JsonText.Indented);
        }
        catch (JsonException exception)
        {
            throw new InputException($"{path} is not what bench growth writes: {exception.Message} Name another folder with --out, or remove it.");
        }

        return kept is { Cells: not null } && kept with { Cells = fresh.Cells } == fresh
            ? kept
            : throw new InputException($"{path} is of {kept?.Describe()}, and this is {fresh.Describe()}: figures of different things make no page. Name another folder with --out, or remove it.");
    }

    /// <summary>Writes growth.json; the folder must be there.</summary>
    public void Save(string folder)
    {
        byte[] text = [.. JsonSerializer.SerializeToUtf8Bytes(this, JsonText.Indented), (byte)'\n'];
        AtomicFile.Write(Path.Combine(folder, Name), stream => stream.Write(text));
    }

    /// <summary>Cells of a sweep by size, then threads.</summary>
    public IEnumerable<GrowthCell> Of(Sweep sweep) => Cells.Where(cell => cell.Sweep == sweep.Name).OrderBy(cell => sweep.Of(cell.Size())).ThenBy(cell => cell.Threads);

    /// <summary>Device, machine, commit and seed, in words.</summary>
    public string Describe() => string.Join("; ", ((string[])[Device, Machine, Commit.Length > 0 ? $"commit {Commit}" : "", $"seed {Seed}"]).Where(words => words.Length > 0));
}
