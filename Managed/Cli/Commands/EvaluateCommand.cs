using System.CommandLine;
using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Files;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using Spectre.Console;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher evaluate: how good a model is on prompts with golden rewards.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Output output)
    {
        var embeddings = Ask.Path("--embeddings", ".npy of test responses, prompts × responses × D");
        var rewards = Ask.Path("--rewards", ".npy of their golden rewards");
        var command = new Command("evaluate", "Measure a model on prompts with golden rewards.") { embeddings, rewards };
        var model = new ModelOption(command, "model to measure: .safetensors", required: true);
        var shared = new SharedOptions(command);
        command.Does((parsed, cancellation) =>
        {
            using EmbeddingPool pool = EmbeddingPool.Load(parsed.GetRequiredValue(embeddings));
            var heldOut = new HeldOut(pool, RewardTable.Read(parsed.GetRequiredValue(rewards), pool));
            BradleyTerryMlp mlp = model.Read(parsed, output)!;
            using Backend backend = shared.Open(parsed);
            Evaluation found = heldOut.Evaluate(backend, mlp, cancellation);
            if (shared.Json(parsed))
            {
                output.Out.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        prompts = pool.Prompts,
                        responses = pool.Responses,
                        spearman = found.Spearman,
                        oneMinusSpearman = found.OneMinusSpearman,
                        bestOfN = heldOut.BestOfSizes.Zip(found.BestOfN).ToDictionary(entry => entry.First, entry => entry.Second),
                        accuracy = found.Accuracy,
                        logLoss = found.LogLoss,
                        calibrationError = found.CalibrationError,
                        backend = backend.Kind.Named(),
                        device = backend.Device,
                        why = backend.Why,
                    },
                    JsonText.Indented));
            }
            else
            {
                var table = new Table().AddColumn("measure").AddColumn(new TableColumn("value").RightAligned());
                table.AddRow("1 − ρ (Spearman within prompts)", Number(found.OneMinusSpearman));
                foreach ((int n, double value) in heldOut.BestOfSizes.Zip(found.BestOfN))
                {
                    table.AddRow($"best of {n}", Number(value));
                }

                table.AddRow("pair accuracy", Number(found.Accuracy));
                table.AddRow("log-loss, nats", Number(found.LogLoss));
                table.AddRow("calibration error", Number(found.CalibrationError));
                output.Write(table);
            }

            return Task.FromResult(0);
        });
        return command;

        static string Number(double value) => value.ToString("F4", System.Globalization.CultureInfo.InvariantCulture);
    }
}
