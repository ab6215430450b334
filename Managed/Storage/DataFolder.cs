using FisherKernels.Learning;

namespace FisherKernels.Storage;

/// <summary>A data set in a folder, by the naming of the paper's authors: embd_GEN_EMBED_TASK_SPLIT.npy and
/// reward_GEN_EMBED_TASK_SPLIT.npy.</summary>
/// <param name="Name">GEN_EMBED_TASK.</param>
/// <param name="TrainEmbeddings">(prompts, responses, D).</param>
/// <param name="TrainRewards">(prompts, responses, 1).</param>
/// <param name="TestEmbeddings">(prompts, responses, D).</param>
/// <param name="TestRewards">(prompts, responses, 1).</param>
/// <param name="TrainLabels">Recorded labels, one for each prompt of two responses, 1 where the first was preferred; or null.</param>
public sealed record DataFolder(
    string Name, string TrainEmbeddings, string TrainRewards, string TestEmbeddings, string TestRewards, string? TrainLabels)
{
    private const string Prefix = "embd_", TrainSuffix = "_train.npy";

    /// <summary>What the numbers were made from, .jsonl.gz with a line for each prompt to learn from; or null.</summary>
    public string? TrainTexts { get; init; }

    /// <summary>The same for the prompts to measure on; or null.</summary>
    public string? TestTexts { get; init; }

    /// <summary>The data sets of a folder, GEN_EMBED_TASK each, in alphabetical order.</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <exception cref="InputException">No folder, or no data set in it.</exception>
    public static IReadOnlyList<string> Names(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new InputException($"There is no folder {folder}.");
        }

        string[] names = [.. Directory.EnumerateFiles(folder, $"{Prefix}*{TrainSuffix}")
            .Select(path => Path.GetFileName(path)[Prefix.Length..^TrainSuffix.Length])
            .Order(StringComparer.Ordinal)];
        return names.Length > 0
            ? names
            : throw new InputException(
                $"{folder} has no {Prefix}GEN_EMBED_TASK{TrainSuffix}; expected it with its reward_… and both of the split test.");
    }

    /// <summary>Finds the data set of a folder.</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <param name="name">Which one, where there are several.</param>
    /// <exception cref="InputException">No folder, no data set, several without a name, or a file missing.</exception>
    public static DataFolder Open(string folder, string? name = null)
    {
        IReadOnlyList<string> names = Names(folder);
        if (name is not null && !names.Contains(name))
        {
            throw new InputException($"{folder} has no data set {name}; there are {string.Join(", ", names)}.");
        }

        if (name is null && names.Count > 1)
        {
            throw new InputException($"{folder} has several data sets; say which: {string.Join(", ", names)}.");
        }

        string chosen = name ?? names[0];
        return new DataFolder(
            chosen, Find("embd", "train"), Find("reward", "train"), Find("embd", "test"), Find("reward", "test"),
            Seek($"label_{chosen}_train.npy"))
        {
            TrainTexts = Seek($"text_{chosen}_train.jsonl.gz"),
            TestTexts = Seek($"text_{chosen}_test.jsonl.gz"),
        };

        string Find(string kind, string split)
        {
            string file = $"{kind}_{chosen}_{split}.npy";
            return Seek(file) ?? throw new InputException($"{Path.Combine(folder, file)} is not there; the data set {chosen} needs it.");
        }

        string? Seek(string file) => Path.Combine(folder, file) is var path && File.Exists(path) ? path : null;
    }
}
