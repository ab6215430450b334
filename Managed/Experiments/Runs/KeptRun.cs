using System.Globalization;
using System.Text.Json.Nodes;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Experiments.Runs;

/// <summary>The rounds of one strategy and seed as a folder keeps them.</summary>
/// <param name="Strategy">Its name.</param>
/// <param name="Seed">Of everything drawn.</param>
/// <param name="Rounds">In order from 0.</param>
/// <param name="Seconds">Where the time of some of them went.</param>
public sealed record KeptCell(string Strategy, int Seed, IReadOnlyList<SimulationRound> Rounds, IReadOnlyList<RoundSeconds> Seconds);

/// <summary>A folder of fisher run, of any version; read and left as it is.</summary>
/// <remarks>Everything said of it is at one number of labels: after the rounds that all of its cells have (<see cref="Labels"/>).</remarks>
/// <param name="Name">The folder's own name.</param>
/// <param name="Plan">plan.json.</param>
/// <param name="Cells">Those with at least one round.</param>
/// <param name="BestOf">The largest N of best-of-N, where results.csv says it.</param>
public sealed record KeptRun(string Name, JsonObject Plan, IReadOnlyList<KeptCell> Cells, int? BestOf)
{
    /// <summary>The strategy that the others are compared with.</summary>
    public const string Baseline = "random";

    private const string SeedMark = "-seed", BestMark = "best_of_";

    /// <summary>GEN_EMBED_TASK.</summary>
    public string Data => PlanFile.NameOf(Plan)!;

    /// <summary>Labels after each round that all cells have, at least one.</summary>
    public IReadOnlyList<int> Labels { get; } = CommonRounds.LabelsOf([.. Cells.Select(cell => cell.Rounds)]);

    /// <summary>The strategies, the baseline first.</summary>
    public IReadOnlyList<string> Strategies =>
        [.. Cells.Select(cell => cell.Strategy).Distinct().OrderBy(name => name != Baseline).ThenBy(name => name, StringComparer.Ordinal)];

    /// <summary>Reads a folder.</summary>
    /// <exception cref="InputException">It holds no run, none of its rounds are done, or a file is damaged or of a later
    /// version.</exception>
    /// <exception cref="IOException">It goes on just now.</exception>
    public static KeptRun Open(string folder)
    {
        string plan = Path.Combine(folder, PlanFile.Name), cells = Path.Combine(folder, "cells");
        if (!File.Exists(plan))
        {
            throw new InputException($"{folder} holds no run: there is no {PlanFile.Name}. Name a folder that fisher run made.");
        }

        string text;
        try
        {
            text = File.ReadAllText(plan);
        }
        catch (IOException exception)
        {
            throw new IOException(
                $"{plan} could not be read: {exception.Message} Where the run goes on just now, wait for its end, or stop it.", exception);
        }

        JsonObject parsed = PlanFile.Parse(plan, text);
        KeptCell[] kept = [.. (Directory.Exists(cells) ? Directory.GetDirectories(cells) : [])
            .Select(Cell)
            .Where(cell => cell.Rounds.Count > 0)
            .OrderBy(cell => cell.Strategy, StringComparer.Ordinal)
            .ThenBy(cell => cell.Seed)];
        if (kept.Length == 0)
        {
            throw new InputException($"{folder} holds a run without a finished round; let it go on first.");
        }

        var run = new KeptRun(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), parsed, kept,
            LargestN(Path.Combine(folder, "results.csv")));
        return run.Labels.Count > 0
            ? run
            : throw new InputException(
                $"{folder} holds cells of different numbers of labels after the first round already; they cannot be compared.");
    }

    /// <summary>The cells of a strategy, by seed.</summary>
    public KeptCell[] CellsOf(string strategy) => [.. Cells.Where(cell => cell.Strategy == strategy)];

    private static KeptCell Cell(string folder)
    {
        string name = Path.GetFileName(folder);
        int mark = name.LastIndexOf(SeedMark, StringComparison.Ordinal);
        if (mark <= 0
            || !int.TryParse(name[(mark + SeedMark.Length)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed))
        {
            throw new InputException($"{folder} is not named STRATEGY{SeedMark}N; it does not belong to a run.");
        }

        var kept = RoundFolder.Read(folder);
        return new KeptCell(name[..mark], seed, kept.Rounds, kept.Seconds);
    }

    private static int? LargestN(string results)
    {
        string[] columns = File.Exists(results) ? (File.ReadLines(results).FirstOrDefault() ?? "").Split(',') : [];
        int[] sizes = [.. columns.Where(column => column.StartsWith(BestMark, StringComparison.Ordinal))
            .Select(column => int.TryParse(column[BestMark.Length..], CultureInfo.InvariantCulture, out int n) ? n : 0)];
        return sizes.Length > 0 ? sizes.Max() : null;
    }
}
