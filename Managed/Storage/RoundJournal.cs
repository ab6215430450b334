using System.Globalization;
using System.Text;
using System.Text.Json;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;

namespace FisherKernels.Storage;

/// <summary>The rounds of a simulation as its folder keeps them, and where their time went.</summary>
/// <param name="Rounds">In order from 0, each whole.</param>
/// <param name="Seconds">Of some of them, in order.</param>
/// <param name="FirstLine">Number of the journal's line with round 0, from 0.</param>
internal sealed record KeptRounds(IReadOnlyList<SimulationRound> Rounds, IReadOnlyList<RoundSeconds> Seconds, int FirstLine);

/// <summary>journal.jsonl and seconds.jsonl: their format, their version, how they are read and gone on with.</summary>
/// <remarks>
/// <code>
/// version 1   a line per round, null in no measure; no first line of its own
/// version 2   {"format":…,"version":2,"strategy":…,"seed":…}, then a line per round; null where a measure is not defined
/// </code>
/// The lines of version 1 are lines of version 2, so a journal of version 1 is read, and goes on as one.
/// </remarks>
internal static class RoundJournal
{
    /// <summary>What is written now.</summary>
    public const int Version = 2;

    private const string JournalFormat = "fisher-journal", SecondsFormat = "fisher-seconds";

    /// <summary>Where the rounds of a simulation's folder are.</summary>
    public static string JournalPath(string folder) => Path.Combine(folder, "journal.jsonl");

    /// <summary>Where the seconds of a simulation's folder are.</summary>
    public static string SecondsPath(string folder) => Path.Combine(folder, "seconds.jsonl");

    /// <summary>Reads a simulation's folder and changes nothing in it; what is not there has no rounds.</summary>
    /// <exception cref="InputException">A line is damaged, out of order or of a version that is not known.</exception>
    /// <exception cref="IOException">A file cannot be read; it is in use by whoever adds rounds, for example.</exception>
    public static KeptRounds Read(string folder)
    {
        string path = JournalPath(folder);
        List<SimulationRound> rounds = Lines<SimulationRound>(folder, path, JournalFormat, out int first);
        for (int round = 0; round < rounds.Count; round++)
        {
            SimulationRound kept = rounds[round];
            if (kept.Round != round)
            {
                throw Damaged(folder, path, first + round, $"is of round {kept.Round}, expected {round}");
            }

            // JSON may lack what the record cannot.
            if (kept is not { ChosenBy: not null, First: { } a, Second: { } b, Preferences: { } preferences, Evaluation.BestOfN: not null }
                || a.Length != b.Length || a.Length != preferences.Length)
            {
                throw Damaged(folder, path, first + round, "lacks a part of its round");
            }
        }

        return new KeptRounds(rounds, Lines<RoundSeconds>(folder, SecondsPath(folder), SecondsFormat, out _), first);
    }

    /// <summary>Opens the rounds of a folder to add to them; nobody else does so meanwhile.</summary>
    /// <param name="folder">The simulation's; must be there.</param>
    /// <param name="rounds">Rounds that were read from it.</param>
    /// <param name="strategy">What chooses.</param>
    /// <param name="seed">Of everything drawn.</param>
    /// <exception cref="IOException">It is in use, or has other rounds by now.</exception>
    public static JournalFile OpenRounds(string folder, int rounds, string strategy, int seed)
    {
        JournalFile journal = Open(JournalPath(folder), JournalFormat, strategy, seed);
        int there = journal.Lines.Count - (HasFirstLine(journal.Lines) ? 1 : 0);
        if (there != rounds)
        {
            journal.Dispose();
            throw new IOException(
                $"{JournalPath(folder)} has {there} rounds and had {rounds}: something else goes on with it. Start again when that has "
                    + "ended.");
        }

        return journal;
    }

    /// <summary>Opens the seconds of a folder to add to them.</summary>
    /// <exception cref="IOException">They are in use.</exception>
    public static JournalFile OpenSeconds(string folder, string strategy, int seed) =>
        Open(SecondsPath(folder), SecondsFormat, strategy, seed);

    /// <summary>Refuses rounds of another strategy or seed; those of version 1 do not say whose they are.</summary>
    /// <exception cref="InputException">They are of another.</exception>
    public static void RequireOf(string folder, string strategy, int seed)
    {
        string path = JournalPath(folder);
        List<string> lines = CompleteLines(path);
        if (!HasFirstLine(lines))
        {
            return;
        }

        using JsonDocument first = JsonDocument.Parse(lines[0]);
        string? kept = first.RootElement.TryGetProperty("strategy", out JsonElement named) ? named.ToString() : null;
        string? drawn = first.RootElement.TryGetProperty("seed", out JsonElement number) ? number.ToString() : null;
        string own = seed.ToString(CultureInfo.InvariantCulture);
        if ((kept is not null && kept != strategy) || (drawn is not null && drawn != own))
        {
            throw new InputException(
                $"{path} holds rounds of {kept ?? strategy} with seed {drawn ?? own}, and the learner is of {strategy} with seed {own}. "
                    + "Name another folder.");
        }
    }

    /// <summary>A line as it is written.</summary>
    public static string Line<T>(T value) => JsonSerializer.Serialize(value, JsonText.Lines);

    /// <summary>What is said of a line that is no use.</summary>
    /// <param name="folder">The simulation's.</param>
    /// <param name="path">The file.</param>
    /// <param name="line">Its number, from 0.</param>
    /// <param name="problem">In words, as they go on from the line's number.</param>
    /// <param name="inner">What was behind it, or null.</param>
    public static InputException Damaged(string folder, string path, int line, string problem, Exception? inner = null) =>
        new($"{path}: line {line + 1} {problem}. Remove the folder {folder} to run its rounds again.", inner);

    private static JournalFile Open(string path, string format, string strategy, int seed)
    {
        JournalFile journal = JournalFile.Open(path);
        if (journal.Lines.Count == 0)
        {
            try
            {
                journal.Append(JsonSerializer.Serialize(new { format, version = Version, strategy, seed }, JsonText.Lines));
            }
            catch
            {
                journal.Dispose();
                throw;
            }
        }

        return journal;
    }

    private static List<T> Lines<T>(string folder, string path, string format, out int first)
    {
        List<string> lines = CompleteLines(path);
        first = HasFirstLine(lines) ? 1 : 0;
        if (first == 1)
        {
            FormatVersion.Require(path, lines[0], format, Version);
        }

        var read = new List<T>();
        for (int j = first; j < lines.Count; j++)
        {
            try
            {
                read.Add(JsonSerializer.Deserialize<T>(lines[j], JsonText.Lines) ?? throw new JsonException("null"));
            }
            catch (JsonException exception)
            {
                throw Damaged(folder, path, j, $"is not a round ({exception.Path})", exception);
            }
        }

        return read;
    }

    private static bool HasFirstLine(IReadOnlyList<string> lines) => lines.Count > 0 && FormatVersion.HasFormat(lines[0]);

    // The last line may be in the middle of being written, and does not count then: its newline may be on the disk before the rest of it.
    private static List<string> CompleteLines(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        string text;
        try
        {
            text = File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} could not be read: {exception.Message}", exception);
        }

        List<string> lines = [.. text.Split('\n')[..^1]];
        if (lines.Count > 0 && !IsObject(lines[^1]))
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }

    private static bool IsObject(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
