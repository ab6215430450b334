using System.Globalization;
using System.Text.Json;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>The rounds of one strategy and seed.</summary>
internal sealed record KeptCell(string Strategy, int Seed, IReadOnlyList<SimulationRound> Rounds, IReadOnlyList<RoundSeconds> Seconds);

/// <summary>A folder of fisher run, read and left as it is; a run that still goes on can be reported on.</summary>
/// <param name="Name">The folder's own name.</param>
/// <param name="Plan">plan.json.</param>
/// <param name="Cells">Those with at least one round.</param>
/// <param name="BestOf">The largest N of best-of-N, where results.csv says it.</param>
internal sealed record KeptRun(string Name, JsonElement Plan, IReadOnlyList<KeptCell> Cells, int? BestOf)
{
    public const string Baseline = "random";

    private const string SeedMark = "-seed", BestMark = "best_of_";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>GEN_EMBED_TASK.</summary>
    public string Data => Plan.GetProperty("data").GetString()!;

    /// <summary>The strategies, the baseline first.</summary>
    public IReadOnlyList<string> Strategies => [.. Cells.Select(cell => cell.Strategy).Distinct().OrderBy(name => name != Baseline).ThenBy(name => name, StringComparer.Ordinal)];

    /// <summary>Reads a folder.</summary>
    /// <exception cref="InputException">It holds no run, none of its rounds are done, or a file is damaged.</exception>
    public static KeptRun Open(string folder)
    {
        string plan = Path.Combine(folder, "plan.json"), cells = Path.Combine(folder, "cells");
        if (!File.Exists(plan))
        {
            throw new InputException($"{folder} holds no run: there is no plan.json. Name a folder that fisher run made.");
        }

        JsonElement parsed;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(plan));
            parsed = document.RootElement.Clone();
            _ = parsed.GetProperty("data").GetString() ?? throw new JsonException("data is null");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InputException($"{plan} is no plan of a run: {exception.Message}", exception);
        }

        KeptCell[] kept = [.. (Directory.Exists(cells) ? Directory.GetDirectories(cells) : [])
            .Select(Cell)
            .Where(cell => cell.Rounds.Count > 0)
            .OrderBy(cell => cell.Strategy, StringComparer.Ordinal)
            .ThenBy(cell => cell.Seed)];
        return kept.Length > 0
            ? new KeptRun(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), parsed, kept, LargestN(Path.Combine(folder, "results.csv")))
            : throw new InputException($"{folder} holds a run without a finished round; let it go on first.");
    }

    /// <summary>The cells of a strategy, by seed.</summary>
    public KeptCell[] Of(string strategy) => [.. Cells.Where(cell => cell.Strategy == strategy)];

    /// <summary>Rounds that every seed of a strategy has reached: a mean over fewer seeds would jump.</summary>
    public int RoundsOf(string strategy) => Of(strategy).Min(cell => cell.Rounds.Count);

    private static KeptCell Cell(string folder)
    {
        string name = Path.GetFileName(folder);
        int mark = name.LastIndexOf(SeedMark, StringComparison.Ordinal);
        return mark > 0 && int.TryParse(name[(mark + SeedMark.Length)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed)
            ? new KeptCell(name[..mark], seed, Lines<SimulationRound>(Path.Combine(folder, "journal.jsonl")), Lines<RoundSeconds>(Path.Combine(folder, "seconds.jsonl")))
            : throw new InputException($"{folder} is not named STRATEGY{SeedMark}N; it does not belong to a run.");
    }

    // The last line may be in the middle of being written, and does not count then.
    private static List<T> Lines<T>(string path)
    {
        var read = new List<T>();
        string text = File.Exists(path) ? File.ReadAllText(path) : "";
        string[] lines = text.Split('\n')[..^1];
        for (int j = 0; j < lines.Length; j++)
        {
            try
            {
                read.Add(JsonSerializer.Deserialize<T>(lines[j], Json) ?? throw new JsonException("null"));
            }
            catch (JsonException exception)
            {
                throw new InputException($"{path}: line {j + 1} is no round: {exception.Message}", exception);
            }
        }

        return read;
    }

    private static int? LargestN(string results)
    {
        string[] columns = File.Exists(results) ? (File.ReadLines(results).FirstOrDefault() ?? "").Split(',') : [];
        int[] sizes = [.. columns.Where(column => column.StartsWith(BestMark, StringComparison.Ordinal))
            .Select(column => int.TryParse(column[BestMark.Length..], CultureInfo.InvariantCulture, out int n) ? n : 0)];
        return sizes.Length > 0 ? sizes.Max() : null;
    }
}
