using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using FisherKernels.Learning;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Experiments.Runs;

/// <summary>A file that a run reads, known by its content.</summary>
/// <param name="Name">Without its folder: data may be moved.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its content, in hexadecimal.</param>
public sealed record DataFile(string Name, long Bytes, string Sha256)
{
    /// <summary>Reads a file from end to end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Looked at between parts of a megabyte.</param>
    public static DataFile FromFile(string path, CancellationToken cancellationToken)
    {
        using FileStream stream = File.OpenRead(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        long bytes = 0;
        for (int read; (read = stream.Read(buffer)) > 0; bytes += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer.AsSpan(0, read));
        }

        return new DataFile(Path.GetFileName(path), bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}

/// <summary>plan.json: everything that decides the numbers of a run, its data by content.</summary>
/// <remarks>
/// Not in it: which strategies and seeds, and how many rounds, which may grow; where the data lie; how many threads.
/// <code>
/// version 1   no format and version; data by name and length; some options, by names of their own
/// version 2   {"format", "version", "data": {"name", "files"}, "options"}; every option, as the option records have it
/// </code>
/// A version is raised when the content changes, when the same options come to give other numbers, and when an option is added whose
/// usual value is not what was done before: an option that a plan does not have was at its usual value.
/// </remarks>
public static class PlanFile
{
    /// <summary>Its name in the folder of a run.</summary>
    public const string Name = "plan.json";

    /// <summary>What is written now.</summary>
    public const int Version = 2;

    private const string Format = "fisher-run", Options = "options", Data = "data", Files = "files";

    // What belongs to a cell, or to a round, and not to the plan.
    private static readonly JsonSerializerOptions WithoutCells = new(JsonText.Indented)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers =
            {
                type =>
                {
                    string[] left = type.Type == typeof(SelectionOptions)
                        ? [nameof(SelectionOptions.Strategy), nameof(SelectionOptions.Seed)]
                        : type.Type == typeof(TrainingOptions) ? [nameof(TrainingOptions.Seed)]
                        : [];
                    foreach (JsonPropertyInfo property in type.Properties
                        .Where(property => left.Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).Contains(property.Name)).ToArray())
                    {
                        type.Properties.Remove(property);
                    }

                    // As version 2 calls them, whatever the code does.
                    foreach (JsonPropertyInfo property in type.Properties)
                    {
                        property.Name = (type.Type.Name, property.Name) switch
                        {
                            (nameof(SelectionOptions), "constraints") => "demands",
                            (nameof(BatchConstraints), "required") => "must",
                            (nameof(BatchConstraints), "efficiency") => "certify",
                            _ => property.Name,
                        };
                    }
                },
            },
        },
    };

    /// <summary>The plan of a run.</summary>
    /// <param name="plan">What is run.</param>
    /// <param name="files">What it reads.</param>
    public static JsonObject Create(RunPlan plan, IEnumerable<DataFile> files) => new()
    {
        ["format"] = Format,
        ["version"] = Version,
        [Data] = new JsonObject { ["name"] = plan.Data.Name, [Files] = JsonSerializer.SerializeToNode(files, JsonText.Indented) },
        [Options] = OptionsOf(plan.Annotator, plan.Device.ToString(), plan.Options),
    };

    /// <summary>As it is written.</summary>
    public static string Text(JsonObject plan) => plan.ToJsonString(JsonText.Indented) + "\n";

    /// <summary>A plan of any version.</summary>
    /// <param name="path">Where it stands.</param>
    /// <param name="text">What stands there.</param>
    /// <returns>As it is in the file; version 1 has no "format".</returns>
    /// <exception cref="InputException">It is no plan of a run, or of a later version.</exception>
    public static JsonObject Parse(string path, string text)
    {
        if (FormatVersion.HasFormat(text))
        {
            FormatVersion.Require(path, text, Format, Version);
        }

        JsonObject? plan;
        try
        {
            plan = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
            if (NameOf(plan) is null || (!IsFirst(plan!) && !HasOptionsAndFiles(plan!)))
            {
                plan = null;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InputException($"{path} is no plan of a run: it is damaged. Restore it, or name another folder.", exception);
        }

        return plan ?? throw new InputException($"{path} is no plan of a run: it does not name its data, files and options, each once.");
    }

    /// <summary>Whether a plan is of version 1, which does not know its data by content.</summary>
    public static bool IsFirst(JsonObject plan) => !plan.ContainsKey("format");

    /// <summary>GEN_EMBED_TASK of a plan of any version.</summary>
    public static string? NameOf(JsonObject? plan) => plan?[Data] switch
    {
        JsonValue name => name.GetValue<string>(),
        JsonObject data => data["name"]?.GetValue<string>(),
        _ => null,
    };

    /// <summary>The options of a plan of version 2, by name: a point stands between the name of a record and one of its own.</summary>
    public static IReadOnlyList<(string Name, JsonNode? Value)> OptionsOf(JsonObject plan) =>
        // As text: numbers that were read and numbers that were not are alike then.
        [.. Leaves("", JsonNode.Parse(plan[Options]!.ToJsonString(JsonText.Lines))!.AsObject())];

    /// <summary>What differs between two plans of version 2, in words; empty where what one has kept the other may go on with.</summary>
    public static IReadOnlyList<string> Differences(JsonObject kept, JsonObject asked) =>
        [.. DataDifferences(kept[Data]!.AsObject(), asked[Data]!.AsObject()), .. OptionDifferences(kept, asked)];

    private static bool HasOptionsAndFiles(JsonObject plan) =>
        plan[Options] is JsonObject && FilesOf(plan[Data]!.AsObject()).Length > 0
        && OptionsOf(plan) is var options && options.DistinctBy(option => option.Name).Count() == options.Count;

    private static JsonObject OptionsOf(AnnotatorKind annotator, string device, SelectionOptions options)
    {
        JsonObject all = JsonSerializer.SerializeToNode(options, WithoutCells)!.AsObject();
        all.Insert(0, "annotator", JsonSerializer.SerializeToNode(annotator, JsonText.Indented));

        // Each kind rounds in its own way.
        all.Insert(1, "device", JsonNamingPolicy.SnakeCaseLower.ConvertName(device));
        return all;
    }

    private static IEnumerable<string> DataDifferences(JsonObject kept, JsonObject asked)
    {
        if (!AreEqual(kept["name"], asked["name"]))
        {
            yield return $"the data set: kept {Words(kept["name"])}, asked {Words(asked["name"])}";
        }

        DataFile[] had = FilesOf(kept), has = FilesOf(asked);
        foreach (DataFile file in has)
        {
            DataFile? before = had.FirstOrDefault(other => other.Name == file.Name);
            if (before is null)
            {
                yield return $"{file.Name} is read, and was not";
            }
            else if (before.Bytes != file.Bytes)
            {
                yield return $"the content of {file.Name} differs: kept {before.Bytes} bytes, found {file.Bytes}";
            }
            else if (before.Sha256 != file.Sha256)
            {
                yield return $"the content of {file.Name} differs (same name and length)";
            }
        }

        foreach (DataFile file in had.Where(file => has.All(other => other.Name != file.Name)))
        {
            yield return $"{file.Name} was read, and is not";
        }
    }

    private static DataFile[] FilesOf(JsonObject data) =>
        [.. (data[Files].Deserialize<DataFile?[]>(JsonText.Indented) ?? []).OfType<DataFile>()];

    private static IEnumerable<string> OptionDifferences(JsonObject kept, JsonObject asked)
    {
        JsonObject usual = new() { [Options] = JsonSerializer.SerializeToNode(new SelectionOptions(), WithoutCells) };
        Dictionary<string, JsonNode?> had = OptionsOf(kept).ToDictionary(), has = OptionsOf(asked).ToDictionary();
        Dictionary<string, JsonNode?> otherwise = OptionsOf(usual).ToDictionary();
        foreach ((string name, JsonNode? value) in has)
        {
            JsonNode? before = had.TryGetValue(name, out JsonNode? found) ? found : otherwise.GetValueOrDefault(name);
            if (!AreEqual(before, value))
            {
                yield return $"{name}: kept {Words(before)}, asked {Words(value)}";
            }
        }

        foreach ((string name, JsonNode? value) in had.Where(option => !has.ContainsKey(option.Key)))
        {
            yield return $"{name}: kept {Words(value)}, which this release does not know";
        }
    }

    private static bool AreEqual(JsonNode? kept, JsonNode? asked)
    {
        try
        {
            return JsonNode.DeepEquals(kept, asked);
        }
        catch (ArgumentOutOfRangeException)
        {
            // A number whose exponent no int holds: nobody asks for one.
            return false;
        }
    }

    private static IEnumerable<(string Name, JsonNode? Value)> Leaves(string prefix, JsonObject options) => options.SelectMany(option =>
        option.Value is JsonObject inner ? Leaves($"{prefix}{option.Key}.", inner) : [($"{prefix}{option.Key}", option.Value)]);

    private static string Words(JsonNode? value) => value switch
    {
        null => "nothing",
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
        _ => value.ToJsonString(JsonText.Lines),
    };
}
