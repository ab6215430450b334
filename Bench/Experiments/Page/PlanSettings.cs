using System.Text.Json;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>The settings of plan.json in words.</summary>
internal static class PlanSettings
{
    private static readonly string[] Usual = ["annotator", "batch", "scope", "prompts", "candidates", "hidden", "ridge", "steps"];

    /// <summary>Those that a reader asks for first.</summary>
    public static string Of(JsonElement plan) => string.Join(", ", plan.EnumerateObject().Where(property => Usual.Contains(property.Name)).Select(InWords));

    /// <summary>For each plan, those in which not all agree; the data set and its files are no settings.</summary>
    public static string[] Differing(IReadOnlyList<JsonElement> plans)
    {
        string[] names = [.. plans.SelectMany(plan => plan.EnumerateObject()).Select(property => property.Name).Distinct().Except(["data", "files"])];
        string[] differing = [.. names.Where(name => plans.Select(plan => plan.TryGetProperty(name, out JsonElement value) ? value.GetRawText() : "").Distinct().Skip(1).Any())];
        return [.. plans.Select(plan => string.Join(", ", plan.EnumerateObject().Where(property => differing.Contains(property.Name)).Select(InWords)))];
    }

    private static string InWords(JsonProperty property)
    {
        string value = property.Value.ValueKind == JsonValueKind.String
            ? property.Value.GetString()!
            : string.Join('×', property.Value.GetRawText().Trim('[', ']').Split(',', StringSplitOptions.TrimEntries));
        return $"{property.Name} {value}".Replace('_', ' ');
    }
}
