using FisherKernels.Learning;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>Everything measured of one commit on one machine: growth.json.</summary>
/// <param name="Device">What computed.</param>
/// <param name="Machine">Where.</param>
/// <param name="Commit">What was measured.</param>
/// <param name="Seed">Of the data.</param>
/// <param name="Standing">What does not grow in a sweep is no larger (<see cref="Sweep.Standing"/>): cells of others make no line
/// with these.</param>
/// <param name="Cells">In the order they were measured.</param>
internal sealed record GrowthResults(string Device, string Machine, string Commit, int Seed, int Standing, IReadOnlyList<GrowthCell> Cells)
{
    private const string Name = "growth.json", Command = "bench growth";

    /// <summary>The fit to their memory; null where too little was measured for one.</summary>
    public MemoryFit? Memory => MemoryFit.To(Cells);

    /// <summary>What the folder has of the same commit, device, machine, seed and sizes, or nothing yet.</summary>
    /// <exception cref="InputException">What it has is of something else, or is no result.</exception>
    public static GrowthResults Open(string folder, string device, string machine, string commit, int seed, int standing)
    {
        var fresh = new GrowthResults(device, machine, commit, seed, standing, []);
        return KeptResults.Open(
            Path.Combine(folder, Name), Command, fresh, kept => kept.Cells is null ? null : kept with { Cells = fresh.Cells }, kept =>
                kept.Describe());
    }

    /// <summary>Writes growth.json; the folder must be there.</summary>
    public void Save(string folder) => KeptResults.Save(Path.Combine(folder, Name), Command, this);

    /// <summary>Cells of a sweep by size, then threads.</summary>
    public IEnumerable<GrowthCell> Of(Sweep sweep) =>
        Cells.Where(cell => cell.Sweep == sweep.Name).OrderBy(cell => sweep.Of(cell.Size())).ThenBy(cell => cell.Threads);

    /// <summary>Device, machine, commit, seed and sizes, in words.</summary>
    public string Describe() => Provenance.InWords(
        Device, Machine, Provenance.OfCommit(Commit), $"seed {Seed}", FormattableString.Invariant($"what stands at most {Standing:N0}"));
}
