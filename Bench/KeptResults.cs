using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Bench;

/// <summary>Figures that a command keeps as it goes, so that the same command goes on: one .json of one commit on one machine.</summary>
/// <remarks>
/// <code>
/// version 1   the figures alone
/// version 2   "format" and "version" first; of what size the figures are
/// </code>
/// </remarks>
internal static class KeptResults
{
    private const int Version = 2;

    /// <summary>What the file has, or nothing yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="command">What writes it.</param>
    /// <param name="fresh">Of what is to be measured, with no figures.</param>
    /// <param name="emptied">A result without its figures; null for one that is none.</param>
    /// <param name="describe">Of what a result is, in words.</param>
    /// <exception cref="InputException">It is of something else, of another version, or is no result.</exception>
    public static T Open<T>(string path, string command, T fresh, Func<T, T?> emptied, Func<T, string> describe)
        where T : class
    {
        if (!File.Exists(path))
        {
            return fresh;
        }

        string text = File.ReadAllText(path);
        if (FormatVersion.HasFormat(text))
        {
            FormatVersion.Require(path, text, FormatOf(command), Version);
        }

        T? kept;
        try
        {
            kept = JsonSerializer.Deserialize<T>(text, JsonText.Indented);
        }
        catch (JsonException exception)
        {
            throw new InputException(
                $"{path} is not what {command} writes: {exception.Message} Name another folder with --out, or remove it.");
        }

        if (!FormatVersion.HasFormat(text))
        {
            throw new InputException(
                $"{path} is of version 1, which does not say of what size its figures are. Name another folder with --out, or remove it.");
        }

        return kept is not null && fresh.Equals(emptied(kept))
            ? kept
            : throw new InputException($"{path} is of {(kept is null ? "nothing" : describe(kept))}, and this is {describe(fresh)}: "
                + "figures of different things make no page. Name another folder with --out, or remove it.");
    }

    /// <summary>Writes the file; its folder must be there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="command">What writes it.</param>
    /// <param name="results">The figures.</param>
    public static void Save<T>(string path, string command, T results)
    {
        JsonObject all = JsonSerializer.SerializeToNode(results, JsonText.Indented)!.AsObject();
        all.Insert(0, "format", FormatOf(command));
        all.Insert(1, "version", Version);
        byte[] text = Encoding.UTF8.GetBytes(all.ToJsonString(JsonText.Indented) + "\n");
        AtomicFile.Write(path, stream => stream.Write(text));
    }

    private static string FormatOf(string command) => command.Replace(' ', '-');
}
