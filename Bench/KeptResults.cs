using System.Text.Json;
using FisherKernels.Cli;
using FisherKernels.Learning;
using FisherKernels.Learning.Files;

namespace FisherKernels.Bench;

/// <summary>Figures that a command keeps as it goes, so that the same command goes on: one .json of one commit on one machine.</summary>
internal static class KeptResults
{
    /// <summary>What the file has, or nothing yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="command">What writes it.</param>
    /// <param name="fresh">Of what is to be measured, with no figures.</param>
    /// <param name="emptied">A result without its figures; null for one that is none.</param>
    /// <param name="describe">Of what a result is, in words.</param>
    /// <exception cref="InputException">It is of something else, or is no result.</exception>
    public static T Open<T>(string path, string command, T fresh, Func<T, T?> emptied, Func<T, string> describe)
        where T : class
    {
        if (!File.Exists(path))
        {
            return fresh;
        }

        T? kept;
        try
        {
            kept = JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), JsonText.Indented);
        }
        catch (JsonException exception)
        {
            throw new InputException($"{path} is not what {command} writes: {exception.Message} Name another folder with --out, or remove it.");
        }

        return kept is not null && fresh.Equals(emptied(kept))
            ? kept
            : throw new InputException($"{path} is of {(kept is null ? "nothing" : describe(kept))}, and this is {describe(fresh)}: figures of different things make no page. Name another folder with --out, or remove it.");
    }

    /// <summary>Writes the file; its folder must be there.</summary>
    public static void Save<T>(string path, T results)
    {
        byte[] text = [.. JsonSerializer.SerializeToUtf8Bytes(results, JsonText.Indented), (byte)'\n'];
        AtomicFile.Write(path, stream => stream.Write(text));
    }
}
