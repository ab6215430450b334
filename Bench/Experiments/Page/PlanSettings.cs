using System.Text.Json;
using System.Text.Json.Nodes;
using FisherKernels.Experiments.Runs;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>The settings of plan.json in words.</summary>
internal static class PlanSettings
{
    private const string Training = "training.", Candidates = "candidates.";

    private static readonly string[] Usual =
        ["annotator", "batch_size", $"{Candidates}scope", $"{Candidates}prompts", $"{Candidates}pairs", $"{Training}hidden", "ridge",
            $"{Training}steps"];

    // What version 1 wrote, under today's names.
    private static readonly Dictionary<string, string> Since = new()
    {
        ["annotator"] = "annotator",
        ["batch"] = "batch_size",
        ["ridge"] = "ridge",
        ["scope"] = $"{Candidates}scope",
        ["prompts"] = $"{Candidates}prompts",
        ["candidates"] = $"{Candidates}pairs",
        ["hidden"] = $"{Training}hidden",
        ["activation"] = $"{Training}activation",
        ["standardise"] = $"{Training}standardise",
        ["steps"] = $"{Training}steps",
        ["training_batch"] = $"{Training}batch_size",
        ["learning_rate"] = $"{Training}learning_rate",
        ["weight_decay"] = $"{Training}weight_decay",
        ["dropout"] = $"{Training}dropout",
        ["validation"] = $"{Training}validation",
    };

    /// <summary>Those that a reader asks for first.</summary>
    public static string Of(JsonObject plan) => InWords(All(plan).Where(setting => Usual.Contains(setting.Name)));

    /// <summary>For each plan, those that are not the same in all that have them; the data set and its files are no settings.</summary>
    public static string[] Differing(IReadOnlyList<JsonObject> plans)
    {
        (string Name, string Value)[][] all = [.. plans.Select(plan => All(plan).ToArray())];
        string[] differing =
            [.. all.SelectMany(settings => settings).Distinct().GroupBy(setting => setting.Name).Where(values => values.Skip(1).Any())
            .Select(values => values.Key)];
        return [.. all.Select(settings => InWords(settings.Where(setting => differing.Contains(setting.Name))))];
    }

    private static IEnumerable<(string Name, string Value)> All(JsonObject plan) => PlanFile.IsFirst(plan)
        ? plan.Where(setting => Since.ContainsKey(setting.Key)).Select(setting => (Since[setting.Key], Text(setting.Value)))
        : PlanFile.OptionsOf(plan).Select(setting => (setting.Name, Text(setting.Value)));

    private static string InWords(IEnumerable<(string Name, string Value)> settings) =>
        string.Join(", ", settings.Select(setting => $"{Short(setting.Name)} {setting.Value}".Replace('_', ' ').Replace('.', ' ')));

    // What is trained is known by its own name, but for what a round has as well.
    private static string Short(string name) =>
        name.StartsWith(Training, StringComparison.Ordinal) && name != $"{Training}batch_size" ? name[Training.Length..] : name;

    private static string Text(JsonNode? value) => value switch
    {
        null => "none",
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
        _ => string.Join('×', value.ToJsonString().Trim('[', ']').Split(',', StringSplitOptions.TrimEntries)),
    };
}
