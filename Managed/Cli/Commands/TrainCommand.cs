using System.CommandLine;
using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Files;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher train: a reward model from labelled comparisons.</summary>
internal static class TrainCommand
{
    public static Command Create(Output output)
    {
        var embeddings = Ask.Path("--embeddings", ".npy, responses × D or prompts × responses × D");
        var pairs = Ask.Path("--pairs", ".npy of compared pairs, n × 2 row numbers");
        var labels = Ask.Path("--labels", ".npy of n labels in [0, 1], 1 where the first won");
        var file = Ask.Path("--out", "where the model goes: .safetensors; may be that of --init");
        var init = Ask.OptionalPath("--init", "model to start from instead of a random one");
        var command = new Command("train", "Train a reward model on labelled comparisons.") { embeddings, pairs, labels, file, init };
        var settings = new TrainingSettings(command);
        var shared = new SharedOptions(command);
        command.Does(async (parsed, cancellation) =>
        {
            string outPath = parsed.GetRequiredValue(file);
            // A model may be learned on in its own place.
            OutputFiles.Require(outPath, parsed, file, init);
            TrainingOptions options = settings.Read(parsed, shared.Seed(parsed));
            using EmbeddingPool pool = EmbeddingPool.Load(parsed.GetRequiredValue(embeddings));
            Pair[] compared = InputFiles.Pairs(parsed.GetRequiredValue(pairs), pool.Responses);
            float[] preferences = InputFiles.Labels(parsed.GetRequiredValue(labels), compared.Length);
            Comparison[] comparisons = [.. compared.Select((pair, i) => new Comparison(pair, preferences[i]))];
            BradleyTerryMlp start = parsed.GetValue(init) is { } initPath
                ? settings.Load(parsed, initPath)
                : BradleyTerryMlp.Untrained(
                    new MlpShape(pool.Dimension, options.Hidden, options.Activation),
                    options.Standardise ? Standardisation.Of(pool, cancellation) : null,
                    options.Seed);
            using Backend backend = shared.Open(parsed);
            var losses = new List<double>();
            TrainingResult result = await ProgressDisplay.ShowAsync(output, "training", options.Steps, report =>
                Trainer.Fit(
                    backend,
                    pool,
                    comparisons,
                    start,
                    options,
                    new Every(step =>
                    {
                        losses.Add(step.Loss);
                        report(step.Step + 1, FormattableString.Invariant($"loss {step.Loss:F4}{(double.IsNaN(step.HeldOutLoss) ? "" : $", held out {step.HeldOutLoss:F4}")}"));
                    }),
                    cancellation)).ConfigureAwait(false);
            ModelFile.Save(outPath, result.Model);
            if (shared.Json(parsed))
            {
                output.Out.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        @out = outPath,
                        comparisons = comparisons.Length,
                        inputs = start.Shape.Inputs,
                        hidden = start.Shape.Hidden,
                        activation = start.Shape.Activation,
                        constantColumns = start.Standardisation?.ConstantColumns,
                        losses,
                        steps = result.Steps,
                        stepsTaken = result.StepsTaken,
                        heldOutLoss = result.HeldOutLoss,
                        seconds = result.Seconds,
                        backend = backend.Kind.Named(),
                        device = backend.Device,
                        why = backend.Why,
                    },
                    JsonText.Indented));
            }
            else
            {
                output.Out.WriteLine(FormattableString.Invariant(
                    $"{comparisons.Length} comparisons, {result.StepsTaken} steps in {result.Seconds:F1} s on {backend.Device}: loss {losses.FirstOrDefault(double.NaN):F4} → {losses.LastOrDefault(double.NaN):F4}"));
                if (!double.IsNaN(result.HeldOutLoss))
                {
                    output.Out.WriteLine(FormattableString.Invariant(
                        $"kept the parameters after {result.Steps} steps, held-out loss {result.HeldOutLoss:F4} nats (chance is 0.6931)"));
                }

                output.Out.WriteLine($"model → {outPath}");
            }

            return 0;
        });
        return command;
    }

    // Progress<T> posts to a thread pool and may lose the order; a loss before each step must not.
    private sealed class Every(Action<TrainingStep> report) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => report(value);
    }
}
