using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher train: a reward model from labelled comparisons.</summary>
internal static class TrainCommand
{
    public static Command Create(Output output)
    {
        var embeddings = Ask.Path("--embeddings", ".npy, responses × D or prompts × responses × D");
        var promptIds = Ask.OptionalPath(
            "--prompt-ids",
            ".npy of R whole numbers, the prompt of each row of an (R, D) file; held out together unless --validation-by says otherwise");
        var pairs = Ask.Path("--pairs", ".npy of compared pairs, n × 2 row numbers");
        var labels = Ask.Path("--labels", ".npy of n labels in [0, 1], 1 where the first won");
        var file = Ask.Path("--out", "where the model goes: .safetensors; may be that of --init");
        var init = Ask.OptionalPath("--init", "model to start from instead of a random one");
        var command =
            new Command("train", "Train a reward model on labelled comparisons.") { embeddings, promptIds, pairs, labels, file, init };
        var settings = new TrainingSettings(command);
        var shared = new SharedOptions(command);
        command.Does(async (parsed, cancellationToken) =>
        {
            string outPath = parsed.GetRequiredValue(file);
            // A model may be learned on in its own place.
            OutputFiles.Require(outPath, parsed, file, init);
            TrainingOptions options = settings.Read(parsed, shared.Seed(parsed));
            using EmbeddingPool pool = PoolFile.Load(parsed.GetRequiredValue(embeddings), parsed.GetValue(promptIds));
            Pair[] compared = InputFiles.Pairs(parsed.GetRequiredValue(pairs), pool.Responses);
            float[] preferences = InputFiles.Labels(parsed.GetRequiredValue(labels), compared.Length, output);
            Comparison[] comparisons = [.. compared.Select((pair, i) => new Comparison(pair, preferences[i]))];
            (BradleyTerryMlp start, ColumnStatistics? columns) = parsed.GetValue(init) is { } initPath
                ? Given(pool, settings.Load(parsed, initPath, output), cancellationToken)
                : Untrained(pool, options, cancellationToken);
            TrainingWords.BeforeTraining(output, pool, start, columns, compared);
            using Backend backend = shared.Open(parsed);
            (TrainingResult result, List<double> losses) =
                await FitAsync(output, backend, pool, comparisons, (parsed.GetValue(init), start), options, cancellationToken)
                    .ConfigureAwait(false);
            ModelFile.Save(outPath, result.Model);
            TrainingWords.AfterTraining(output, pool, result, options);
            if (shared.Json(parsed))
            {
                output.Out.WriteLine(Json(outPath, comparisons.Length, result, losses, start, columns, backend));
            }
            else
            {
                Say(output, result, losses, comparisons.Length, backend.Device);
                output.Out.WriteLine($"model → {outPath}");
            }

            return 0;
        });
        return command;
    }

    private static string Json(
        string outPath, int comparisons, TrainingResult result, List<double> losses, BradleyTerryMlp start, ColumnStatistics? columns,
        Backend backend) =>
        JsonSerializer.Serialize(
            new
            {
                @out = outPath,
                comparisons,
                identicalComparisons = result.Identical,
                taught = result.Taught,
                heldOut = result.HeldOut,
                heldOutBy = result.HeldOut > 0 ? result.HeldOutBy : (ValidationGroup?)null,
                groups = result.Groups,
                heldOutGroups = result.HeldOutGroups,
                inputs = start.Shape.Inputs,
                hidden = start.Shape.Hidden,
                activation = start.Shape.Activation,
                constantColumns = start.Standardisation?.ConstantColumns,
                strayRows = columns?.StrayRows,
                brokenRows = columns?.BrokenRows,
                columnsLostInFloat32 = start.Standardisation is null ? columns?.LostInFloat32 : null,
                losses,
                loss = result.Loss,
                steps = result.Steps,
                stepsTaken = result.StepsTaken,
                heldOutLoss = result.HeldOutLoss,
                aboveChance = result.IsAboveChance,
                seconds = result.Seconds,
                backend = backend.Kind.Name(),
                device = backend.Device,
                why = backend.Why,
            },
            JsonText.Indented);

    private static (BradleyTerryMlp Start, ColumnStatistics? Columns) Given(
        EmbeddingPool pool, BradleyTerryMlp start, CancellationToken cancellationToken) =>
        (start, start.Standardisation is null && pool.IsWide ? pool.Scan(cancellationToken) : null);

    // Statistics are taken where something depends on them: to standardise, or to say what float32 loses without.
    private static (BradleyTerryMlp Start, ColumnStatistics? Columns) Untrained(
        EmbeddingPool pool, TrainingOptions options, CancellationToken cancellationToken)
    {
        ColumnStatistics? columns = options.Standardise || pool.IsWide ? pool.Scan(cancellationToken) : null;
        return (
            BradleyTerryMlp.Untrained(
                new MlpShape(pool.Dimension, options.Hidden, options.Activation),
                options.Standardise ? Standardisation.From(columns!) : null,
                options.Seed),
            columns);
    }

    private static async Task<(TrainingResult Result, List<double> Losses)> FitAsync(
        Output output, Backend backend, EmbeddingPool pool, Comparison[] comparisons,
        (string? Path, BradleyTerryMlp Model) start, TrainingOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await FitAsync(output, backend, pool, comparisons, start.Model, options, cancellationToken).ConfigureAwait(false);
        }
        catch (TrainingException exception)
            when (start.Path is not null && Trainer.FindFault(backend, pool, comparisons, start.Model, cancellationToken) is { } fault)
        {
            throw new BrokenStartException(
                $"{start.Path}: the model that training starts from has broken down already: {fault}. Start from another, or without one.",
                exception);
        }
    }

    private static async Task<(TrainingResult Result, List<double> Losses)> FitAsync(
        Output output, Backend backend, EmbeddingPool pool, Comparison[] comparisons, BradleyTerryMlp start, TrainingOptions options,
        CancellationToken cancellationToken)
    {
        var losses = new List<double>();
        TrainingResult result = await ProgressDisplay.ShowAsync(output, "training", options.Steps, report => Trainer.Fit(
            backend,
            pool,
            comparisons,
            start,
            options,
            new Every(step =>
            {
                losses.Add(step.Loss);
                string heldOut = double.IsNaN(step.HeldOutLoss) ? "" : FormattableString.Invariant($", held out {step.HeldOutLoss:F4}");
                report(step.Step + 1, FormattableString.Invariant($"loss {step.Loss:F4}{heldOut}"));
            }),
            cancellationToken)).ConfigureAwait(false);
        return (result, losses);
    }

    private static void Say(Output output, TrainingResult result, List<double> losses, int comparisons, string device)
    {
        string loss = losses.Count == 0
            ? FormattableString.Invariant($"loss {result.Loss:F4}")
            : FormattableString.Invariant($"loss {losses[0]:F4} → {losses[^1]:F4}");
        output.Out.WriteLine(FormattableString.Invariant(
            $"{comparisons} comparisons, {result.StepsTaken} steps in {result.Seconds:F1} s on {device}: {loss}"));
        if (result.HeldOut > 0)
        {
            output.Out.WriteLine(FormattableString.Invariant(
                $"held out {result.HeldOut} comparisons: {TrainingWords.Groups(result)}"));
            output.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"kept the parameters after {result.Steps} steps, held-out loss {result.HeldOutLoss:F4} nats (chance is "
                + $"{Math.Log(2):F4})"));
        }
    }

    // Progress<T> posts to a thread pool and may lose the order; a loss before each step must not.
    private sealed class Every(Action<TrainingStep> report) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => report(value);
    }
}
