using System.Text.Json;
using FisherKernels.Learning;

namespace FisherKernels.Storage;

/// <summary>What a JSON text says of itself, {"format": …, "version": …}: which of our files it is, and how it is to be read.</summary>
public static class FormatVersion
{
    /// <summary>Whether a text is a JSON object that names a format; false for a text that is no JSON.</summary>
    /// <param name="json">The text.</param>
    public static bool HasFormat(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("format", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Refuses what is of another format, or of a version that is not read here.</summary>
    /// <param name="path">Where it stands.</param>
    /// <param name="json">An object that names its format.</param>
    /// <param name="format">The one that is expected.</param>
    /// <param name="version">The one that is written now, and the only one with a name that is read.</param>
    /// <exception cref="InputException">Another format, or another version.</exception>
    public static void Require(string path, string json, string format, int version)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement, named = root.GetProperty("format");
        if (named.ValueKind != JsonValueKind.String || named.GetString() != format)
        {
            throw new InputException($"{path} says that it is of the format {named.GetRawText()}; expected {format}. Name another file.");
        }

        bool isThere = root.TryGetProperty("version", out JsonElement number);
        if (!isThere || number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out int found) || found != version)
        {
            string said = isThere ? $"version {number.GetRawText()}" : "no version";
            throw new InputException(
                $"{path} is of the format {format}, {said}; this release reads versions up to {version}. Use the release that wrote it.");
        }
    }
}
