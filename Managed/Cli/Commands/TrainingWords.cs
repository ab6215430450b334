using System.Globalization;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Cli.Commands;

/// <summary>What a person should know of data and model beside the numbers, on the error stream.</summary>
internal static class TrainingWords
{
    private const int MostNamed = 5;

    /// <summary>What the columns of the embeddings say before anything is learned from them.</summary>
    /// <param name="output">Where to say it.</param>
    /// <param name="pool">Embeddings.</param>
    /// <param name="start">The model that training starts from.</param>
    /// <param name="columns">The statistics of their columns, where they were taken.</param>
    /// <param name="compared">The pairs that are learned from.</param>
    public static void BeforeTraining(
        Output output, EmbeddingPool pool, BradleyTerryMlp start, ColumnStatistics? columns, IReadOnlyList<Pair> compared)
    {
        if (start.Standardisation is { ConstantColumns: > 0 and var constant })
        {
            output.Error.WriteLine($"fisher: {constant} of {pool.Dimension} columns do not vary; the model does not look at them.");
        }

        if (columns is null)
        {
            return;
        }

        if (columns.BrokenRows.Count > 0)
        {
            output.Error.WriteLine(
                $"fisher: {pool.Name}: {Rows(columns.BrokenRows)} NaN or infinite numbers; {Verb(columns.BrokenRows)} left out of the "
                + "columns' statistics.");
        }

        if (start.Standardisation is not null && columns.StrayRows.Count > 0)
        {
            HashSet<int> stray = [.. columns.StrayRows];
            int touched = compared.Count(pair => stray.Contains(pair.First) || stray.Contains(pair.Second));
            output.Error.WriteLine(
                $"fisher: {pool.Name}: {Rows(columns.StrayRows)} values far outside all others; {Verb(columns.StrayRows)} left out of "
                + "the columns' statistics. "
                + (touched == 0
                    ? "No comparison names them." : $"{touched} of {compared.Count} comparisons name them: look at these embeddings."));
        }

        LostInFloat32(output, pool, start, columns);
    }

    /// <summary>What float32 loses of the embeddings, where no standardisation takes away what is common to all of them first.</summary>
    public static void LostInFloat32(Output output, EmbeddingPool pool, BradleyTerryMlp? model, ColumnStatistics columns)
    {
        if (model is { Standardisation: null } && columns.LostInFloat32 is { Count: > 0 } lost)
        {
            output.Error.WriteLine(
                $"fisher: {pool.Name}: float32 loses more than a hundredth of what {lost.Count} of {pool.Dimension} columns vary by"
                + $" (the first is column {lost[0]}). A model trained with --standardise on has the means taken away in float64.");
        }
    }

    /// <summary>What the comparisons and the held-out loss say afterwards.</summary>
    public static void AfterTraining(Output output, EmbeddingPool pool, TrainingResult result, TrainingOptions options)
    {
        if (result.Identical > 0)
        {
            output.Error.WriteLine(
                $"fisher: {result.Identical} of {result.Identical + result.Taught + result.HeldOut} comparisons are "
                + $"between responses whose embeddings are equal{(pool.IsWide ? " as float32" : "")}; they teach nothing and "
                + "were left out.");
        }

        if (options.Validation > 0 && result.HeldOut == 0)
        {
            output.Error.WriteLine(
                "fisher: nothing was held out: all comparisons are of "
                + $"{(result.HeldOutBy == ValidationGroup.Pair ? "one pair" : $"one group, linked by {Word(result.HeldOutBy)}")}. Every "
                + "step was taken.");
        }

        if (result.IsAboveChance)
        {
            output.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"fisher: the held-out loss, {result.HeldOutLoss:F4}, is above chance, {Math.Log(2):F4}: on comparisons that it was not "
                + $"taught the model is no better than a coin."));
        }
    }

    /// <summary>How many groups were held out, in words.</summary>
    public static string Groups(TrainingResult result) =>
        $"{result.HeldOutGroups} of {result.Groups} "
        + $"{(result.HeldOutBy == ValidationGroup.Pair ? "pairs" : $"groups that no comparison links, by {Word(result.HeldOutBy)}")}";

    private static string Word(ValidationGroup by) => by switch
    {
        ValidationGroup.Prompt => "prompt",
        ValidationGroup.Response => "response",
        _ => "pair",
    };

    private static string Rows(IReadOnlyList<int> rows) => rows.Count == 1
        ? $"row {rows[0]} has"
        : $"{rows.Count} rows ({string.Join(", ", rows.Take(MostNamed))}{(rows.Count > MostNamed ? ", …" : "")}) have";

    private static string Verb(IReadOnlyList<int> rows) => rows.Count == 1 ? "it is" : "they are";
}
