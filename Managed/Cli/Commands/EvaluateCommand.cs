using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Metrics;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;
using Spectre.Console;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher evaluate: how good a model is on prompts with golden rewards, or on what people said.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Output output)
    {
        var embeddings = Ask.Path("--embeddings", ".npy of test responses, responses × D or prompts × responses × D");
        var promptIds = Ask.OptionalPath(
            "--prompt-ids", ".npy of R whole numbers, the prompt of each row of an (R, D) file, of any sizes and in any order; without "
                + "it such a file is one prompt");
        var rewards = Ask.OptionalPath("--rewards", ".npy of their golden rewards: ranks, best of N and pairs within prompts are measured");
        var pairs = Ask.OptionalPath("--pairs", ".npy of compared pairs, n × 2 row numbers, measured instead of --rewards");
        var labels = Ask.OptionalPath("--labels", ".npy of n labels in [0, 1], 1 where the first of --pairs won, ½ for a tie");
        var winners = new Option<bool>("--winners")
        {
            Description = "the larger golden reward wins for certain, as where chosen is 1 and rejected 0; without, it wins with "
                + "probability σ of the gap",
        };
        var bestOf = new Option<string?>("--best-of")
        {
            Description = "N of best-of-N with commas between them [5, 10, 30, 50, 100, 300 and 500 that the largest prompt has room for]",
            HelpName = "4,8,16",
        };
        var command = new Command("evaluate", "Measure a model on prompts with golden rewards, or on comparisons that people made.")
        {
            embeddings, promptIds, rewards, pairs, labels, winners, bestOf,
        };
        var model = new ModelOption(command, "model to measure: .safetensors", required: true);
        var shared = new SharedOptions(command);
        command.Does((parsed, cancellationToken) =>
        {
            bool ofPeople = parsed.GetValue(rewards) is null;
            RequireOneKind(parsed, rewards, pairs, labels, ofPeople ? [promptIds, winners, bestOf] : []);
            using EmbeddingPool pool = PoolFile.Load(parsed.GetRequiredValue(embeddings), parsed.GetValue(promptIds));
            if (ofPeople)
            {
                Pair[] compared = InputFiles.Pairs(parsed.GetRequiredValue(pairs)!, pool.Responses);
                double[] preferences = InputFiles.ExactLabels(parsed.GetRequiredValue(labels)!, compared.Length, output);
                BradleyTerryMlp mlp = model.Read(parsed, output, pool, cancellationToken)!;
                using Backend backend = shared.Open(parsed);
                OfPeople(output, shared.Json(parsed), backend, pool, mlp, compared, preferences, cancellationToken);
            }
            else
            {
                double[] golden = RewardTable.Read(parsed.GetValue(rewards)!, pool);
                bool isOnePrompt = parsed.GetValue(promptIds) is null && pool.Layout.Count == 1;
                if (isOnePrompt)
                {
                    output.Error.WriteLine(
                        $"fisher: {pool.Name} has no axis of prompts: its {pool.Responses} responses are taken as one prompt. "
                        + "--prompt-ids says which prompt each belongs to.");
                }

                var heldOut = new HeldOut(pool, golden, parsed.GetValue(winners), Sizes(parsed.GetValue(bestOf)));
                BradleyTerryMlp mlp = model.Read(parsed, output, pool, cancellationToken)!;
                using Backend backend = shared.Open(parsed);
                OfPrompts(output, shared.Json(parsed), backend, pool, mlp, heldOut, isOnePrompt, cancellationToken);
            }

            return Task.FromResult(0);
        });
        return command;
    }

    private static void RequireOneKind(
        ParseResult parsed, Option<string?> rewards, Option<string?> pairs, Option<string?> labels, Option[] ofPrompts)
    {
        bool hasPairs = parsed.GetValue(pairs) is not null, hasLabels = parsed.GetValue(labels) is not null;
        if (parsed.GetValue(rewards) is not null)
        {
            if (hasPairs || hasLabels)
            {
                throw new InputException(
                    $"{(hasPairs ? pairs : labels).Name} is of people's comparisons and {rewards.Name} of golden rewards; measure one "
                    + "at a time.");
            }

            return;
        }

        if (!hasPairs || !hasLabels)
        {
            throw new InputException(hasPairs || hasLabels
                ? $"{(hasPairs ? pairs : labels).Name} is given without {(hasPairs ? labels : pairs).Name}; people's comparisons are both."
                : $"There is nothing to measure against; give {rewards.Name}, or {pairs.Name} with {labels.Name}.");
        }

        if (ofPrompts.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } idle)
        {
            throw new InputException($"{idle.Name} goes with {rewards.Name} and does nothing beside {pairs.Name}; leave it out.");
        }
    }

    private static int[]? Sizes(string? text)
    {
        if (text is null)
        {
            return null;
        }

        int[] sizes =
            [.. text.Split(',')
            .Select(part => int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        return sizes.All(n => n > 0)
            ? [.. sizes.Distinct().Order()]
            : throw new InputException(
                $"--best-of is '{text}'; expected whole numbers of at least 1 with commas between them, such as 4,8,16.");
    }

    private static void OfPrompts(
        Output output, bool json, Backend backend, EmbeddingPool pool, BradleyTerryMlp mlp, HeldOut heldOut, bool isOnePrompt,
        CancellationToken cancellationToken)
    {
        float[] predicted = mlp.FiniteScore(backend, pool, [.. Enumerable.Range(0, pool.Responses)], cancellationToken);
        int distinct = Distinct(output, predicted);
        Evaluation found = heldOut.Measure(predicted);
        if (json)
        {
            output.Out.WriteLine(JsonSerializer.Serialize(
                new
                {
                    prompts = pool.Prompts,
                    onePromptAssumed = isOnePrompt,
                    responses = pool.Responses,
                    distinctRewards = distinct,
                    activation = mlp.Shape.Activation,
                    spearman = found.Spearman,
                    oneMinusSpearman = found.OneMinusSpearman,
                    bestOfN = heldOut.BestOfSizes.Zip(found.BestOfN).ToDictionary(entry => entry.First, entry => entry.Second),
                    bestOfNPrompts = heldOut.BestOfSizes.Zip(heldOut.BestOfPrompts)
                        .ToDictionary(entry => entry.First, entry => entry.Second),
                    pairs = heldOut.Pairs,
                    allPairs = heldOut.AllPairs,
                    pairsAreSample = heldOut.Pairs < heldOut.AllPairs,
                    accuracy = found.Accuracy,
                    logLoss = found.LogLoss,
                    calibrationError = found.CalibrationError,
                    backend = backend.Kind.Name(),
                    device = backend.Device,
                    why = backend.Why,
                },
                JsonText.Indented));
            return;
        }

        Table table = Measures();
        table.AddRow("prompts, responses", FormattableString.Invariant($"{pool.Prompts}, {pool.Responses}"));
        table.AddRow("1 − ρ (Spearman within prompts)", Number(found.OneMinusSpearman));
        for (int s = 0; s < found.BestOfN.Length; s++)
        {
            int prompts = heldOut.BestOfPrompts[s];
            table.AddRow(
                $"best of {heldOut.BestOfSizes[s]}{(prompts < pool.Prompts ? $" (of {prompts} of {pool.Prompts} prompts)" : "")}",
                Number(found.BestOfN[s]));
        }

        table.AddRow(
            "pairs measured",
            heldOut.Pairs < heldOut.AllPairs
                ? FormattableString.Invariant($"{heldOut.Pairs}, a sample of {heldOut.AllPairs}")
                : FormattableString.Invariant($"{heldOut.Pairs}, all"));
        table.AddRow("pair accuracy", Number(found.Accuracy));
        table.AddRow("log-loss, nats", Number(found.LogLoss));
        table.AddRow("calibration error", Number(found.CalibrationError));
        output.Write(table);
    }

    private static void OfPeople(
        Output output, bool json, Backend backend, EmbeddingPool pool, BradleyTerryMlp mlp, Pair[] compared, double[] preferences,
        CancellationToken cancellationToken)
    {
        // Rows that nobody compared need not be read, and may be broken.
        int[] rows = [.. compared.SelectMany(pair => (int[])[pair.First, pair.Second]).Distinct().Order()];
        float[] predicted = mlp.FiniteScore(backend, pool, rows, cancellationToken);
        int distinct = Distinct(output, predicted);
        LabelledMetrics found = LabelledMetrics.Measure(
            predicted, [.. compared.Select(pair => new Pair(Place(pair.First), Place(pair.Second)))], preferences);
        if (json)
        {
            output.Out.WriteLine(JsonSerializer.Serialize(
                new
                {
                    comparisons = found.Comparisons,
                    pairs = found.Pairs,
                    responses = rows.Length,
                    distinctRewards = distinct,
                    ties = found.Ties,
                    predictedTies = found.PredictedTies,
                    accuracy = found.Accuracy,
                    accuracyLow = found.AccuracyLow,
                    accuracyHigh = found.AccuracyHigh,
                    accuracyWithoutTies = found.DecidedAccuracy,
                    logLoss = found.LogLoss,
                    calibrationError = found.CalibrationError,
                    backend = backend.Kind.Name(),
                    device = backend.Device,
                    why = backend.Why,
                },
                JsonText.Indented));
            return;
        }

        Table table = Measures();
        table.AddRow("comparisons, of different pairs", FormattableString.Invariant($"{found.Comparisons}, {found.Pairs}"));
        table.AddRow("ties said, ties predicted", FormattableString.Invariant($"{found.Ties}, {found.PredictedTies}"));
        table.AddRow("accuracy, a tie counts ½", Number(found.Accuracy));
        table.AddRow("its 95 % interval, by pair", $"{Number(found.AccuracyLow)} to {Number(found.AccuracyHigh)}");
        table.AddRow("accuracy without ties said", Number(found.DecidedAccuracy));
        table.AddRow("log-loss, nats (a coin has 0.6931)", Number(found.LogLoss));
        table.AddRow("calibration error", Number(found.CalibrationError));
        output.Write(table);

        int Place(int row) => Array.BinarySearch(rows, row);
    }

    // A model that has broken down is named wherever it is used.
    private static int Distinct(Output output, float[] predicted)
    {
        int distinct = predicted.Distinct().Count();
        if (distinct == 1 && predicted.Length > 1)
        {
            output.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"fisher: the model gives all {predicted.Length} responses the reward {predicted[0]}: it tells them apart by nothing, "
                + $"and the figures are those of guessing. Train another."));
        }

        return distinct;
    }

    private static Table Measures() => new Table().AddColumn("measure").AddColumn(new TableColumn("value").RightAligned());

    private static string Number(double value) => double.IsNaN(value) ? "–" : value.ToString("F4", CultureInfo.InvariantCulture);
}
