using System.CommandLine;
using System.Text.Json;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Storage;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher score: the score of every given pair, from given features.</summary>
internal static class ScoreCommand
{
    public static Command Create(Output output)
    {
        var command = new Command("score", "Score given pairs from given features.");
        var settings = new ScoreSettings(command);
        command.Does((parsed, cancellationToken) =>
        {
            Run(settings, parsed, output, cancellationToken);
            return Task.FromResult(0);
        });
        return command;
    }

    internal static double Ridge(double value) => Ask.Ridge(value);

    private static void Run(ScoreSettings settings, ParseResult parsed, Output output, CancellationToken cancellationToken)
    {
        string outPath = parsed.GetRequiredValue(settings.Out);
        OutputFiles.Require(outPath, parsed, settings.Out);
        var input = new ScoreInput(settings, parsed);
        int lost = input.LostPairs;
        if (lost > 0)
        {
            output.Error.WriteLine(
                $"fisher: float32 loses more than a hundredth of the difference of {lost} of {input.Candidates} pairs: their "
                + "features are nearly equal beside the spread of their column.");
        }

        using Backend backend = settings.Shared.Open(parsed);
        (double[] values, PrecisionMatrix? precision) = input.Score(backend, settings.Shared.Seed(parsed));
        cancellationToken.ThrowIfCancellationRequested();
        Npy.Write<double>(outPath, values, [values.Length]);
        bool areAllEqual = values.Length > 1 && Array.TrueForAll(values, value => value == values[0]);
        if (areAllEqual)
        {
            output.Error.WriteLine(FormattableString.Invariant(
                $"fisher: all {values.Length} pairs have the score {values[0]:G6}: by {input.Rule} nothing tells them apart."));
        }

        if (settings.Shared.Json(parsed))
        {
            output.Out.WriteLine(Json(input, lost, areAllEqual, precision, backend, outPath));
            return;
        }

        output.Out.WriteLine(
            FormattableString.Invariant($"{input.Candidates} pairs scored by {input.Rule} on {backend.Device} → {outPath}"));
        if (precision is { } m)
        {
            output.Out.WriteLine(FormattableString.Invariant(
                $"log det M = {m.LogDeterminant:G8}, condition number {m.ConditionNumber:G4}, λ = {m.Ridge:G4}"));
        }
    }

    private static string Json(ScoreInput input, int lost, bool areAllEqual, PrecisionMatrix? precision, Backend backend, string outPath) =>
        JsonSerializer.Serialize(
            new
            {
                rule = input.Rule,
                pairs = input.Candidates,
                pairsLostInFloat32 = lost,
                past = input.Labelled,
                draws = input.Masks,
                scoresAllEqual = areAllEqual,
                dimension = input.Dimension,
                ridge = input.Ridge,
                logDet = precision?.LogDeterminant,
                conditionNumber = precision?.ConditionNumber,
                informationPrecision = precision is null ? null : "float64",
                backend = backend.Kind.Name(),
                device = backend.Device,
                why = backend.Why,
                @out = outPath,
            },
            JsonText.Indented);
}
