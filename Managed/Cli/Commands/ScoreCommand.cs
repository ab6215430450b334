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
        var rule = new Option<string>("--rule")
        {
            Description = $"strategy: {string.Join(", ", Acquisitions.All.Select(strategy => strategy.Name))}",
            Required = true,
        };
        var features = Ask.Path("--features", ".npy of Φ, responses × d");
        var pairs = Ask.Path("--pairs", ".npy of candidate pairs, n × 2 row numbers");
        var head = Ask.OptionalPath("--head", ".npy of β, d numbers; needed by every rule that looks at rewards");
        var draws = Ask.OptionalPath(
            "--draws",
            $".npy of rewards under dropout masks, responses × masks; needed by {string.Join(" and ", Acquisitions.All.Where(strategy => strategy.NeedsDropout).Select(strategy => strategy.Name))}");
        var past = Ask.OptionalPath("--past", ".npy of pairs labelled so far, m × 2 row numbers");
        var targets = Ask.OptionalPath("--targets", ".npy of what vopt and gopt are to predict well: n × 2 pairs, or n responses for all their pairs; the candidates when left out");
        var ridge = Ask.Number("--ridge", "λ, prior precision of the head", 1e-6);
        var file = Ask.Path("--out", "where the scores go: .npy, n float64");
        var command = new Command("score", "Score given pairs from given features.") { rule, features, pairs, head, draws, past, targets, ridge, file };
        var shared = new SharedOptions(command);
        command.Does((parsed, cancellation) =>
        {
            string outPath = parsed.GetRequiredValue(file);
            OutputFiles.Require(outPath, parsed, file);
            IAcquisition acquisition = Acquisitions.Named(parsed.GetRequiredValue(rule));
            SelectSettings.RequireTargets(parsed.GetValue(targets) is not null, targets.Name, acquisition);
            if (parsed.GetValue(draws) is not null && !acquisition.NeedsDropout)
            {
                throw SelectSettings.GoesWith(draws.Name, other => other.NeedsDropout, acquisition.Name);
            }

            RowNumbers table = InputFiles.Features(parsed.GetRequiredValue(features));
            Pair[] candidates = InputFiles.Pairs(parsed.GetRequiredValue(pairs), table.Rows);
            Pair[]? labelled = parsed.GetValue(past) is { } pastPath ? InputFiles.Pairs(pastPath, table.Rows) : null;
            TargetRows? wanted = parsed.GetValue(targets) is { } targetsPath ? InputFiles.Targets(targetsPath, table.Rows) : null;
            int[] used =
            [
                .. new[] { candidates, labelled ?? [], wanted?.Pairs ?? [] }.SelectMany(list => list).SelectMany(pair => new[] { pair.First, pair.Second }),
                .. wanted?.Responses ?? [],
            ];
            Matrix phi = table.Of(used);
            float[]? beta = parsed.GetValue(head) is { } headPath ? InputFiles.Vector(headPath, phi.Columns) : null;
            Matrix? thinned = parsed.GetValue(draws) is { } drawsPath ? InputFiles.Draws(drawsPath, phi.Rows).Of(used) : null;
            double lambda = Ridge(parsed.GetValue(ridge));
            if (beta is null && acquisition.NeedsRewards)
            {
                throw new InputException($"--rule {acquisition.Name} looks at rewards; give --head BETA.npy.");
            }

            if (thinned is null && acquisition.NeedsDropout)
            {
                throw new InputException(
                    $"--rule {acquisition.Name} looks at rewards under dropout masks; give --draws R.npy, responses × masks, or take the rule without -dropout.");
            }

            int lost = phi.LostPairs(candidates);
            if (lost > 0)
            {
                output.Error.WriteLine(
                    $"fisher: float32 loses more than a hundredth of the difference of {lost} of {candidates.Length} pairs: their "
                    + "features are nearly equal beside the spread of their column.");
            }

            using Backend backend = shared.Open(parsed);
            (double[] values, PrecisionMatrix? precision) =
                Compute(backend, acquisition, phi, beta, thinned, candidates, labelled, wanted, lambda, shared.Seed(parsed));
            cancellation.ThrowIfCancellationRequested();
            Npy.Write<double>(outPath, values, [values.Length]);
            bool areAllEqual = values.Length > 1 && Array.TrueForAll(values, value => value == values[0]);
            if (areAllEqual)
            {
                output.Error.WriteLine(FormattableString.Invariant(
                    $"fisher: all {values.Length} pairs have the score {values[0]:G6}: by {acquisition.Name} nothing tells them apart."));
            }

            if (shared.Json(parsed))
            {
                output.Out.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        rule = acquisition.Name,
                        pairs = candidates.Length,
                        pairsLostInFloat32 = lost,
                        past = labelled?.Length ?? 0,
                        draws = thinned?.Columns ?? 0,
                        scoresAllEqual = areAllEqual,
                        dimension = phi.Columns,
                        ridge = lambda,
                        logDet = precision?.LogDeterminant,
                        conditionNumber = precision?.ConditionNumber,
                        informationPrecision = precision is null ? null : "float64",
                        backend = backend.Kind.Named(),
                        device = backend.Device,
                        why = backend.Why,
                        @out = outPath,
                    },
                    JsonText.Indented));
            }
            else
            {
                output.Out.WriteLine(FormattableString.Invariant(
                    $"{candidates.Length} pairs scored by {acquisition.Name} on {backend.Device} → {outPath}"));
                if (precision is { } m)
                {
                    output.Out.WriteLine(FormattableString.Invariant(
                        $"log det M = {m.LogDeterminant:G8}, condition number {m.ConditionNumber:G4}, λ = {m.Ridge:G4}"));
                }
            }

            return Task.FromResult(0);
        });
        return command;
    }

    internal static double Ridge(double value) => Ask.Ridge(value);

    // The same sentence for every rule: what they make of a reward that is not finite differs.
    private static void RequireFinite(float[] rewards)
    {
        int broken = Array.FindIndex(rewards, reward => !float.IsFinite(reward));
        if (broken >= 0)
        {
            throw new ScoreException(FormattableString.Invariant(
                $"The reward of row {broken}, its features times the head, is {rewards[broken]}: features or rewards overflowed. Train the model again with a lower learning rate, or standardise the embeddings."));
        }
    }

    private static (double[] Values, PrecisionMatrix? Precision) Compute(
        Backend backend, IAcquisition acquisition, Matrix phi, float[]? beta, Matrix? thinned, Pair[] candidates, Pair[]? labelled,
        TargetRows? targets, double ridge, int seed)
    {
        int d = phi.Columns;
        using PairGraph graph = backend.Graph(candidates, phi.Rows);
        using PairGraph? past = labelled is null ? null : backend.Graph(labelled, phi.Rows);
        using DeviceArray<float> features = backend.Upload<float>(phi.Numbers, phi.Rows, d);
        using PairGraph? targetPairs = targets?.Pairs is { } listed ? backend.Graph([.. listed], phi.Rows) : null;
        int[] targetRows = [.. targets?.Responses ?? []];
        using DeviceArray<float> targetFeatures = backend.Upload<float>(
            [.. targetRows.SelectMany(row => phi.Numbers.AsSpan(row * d, d).ToArray())], targetRows.Length, d);
        using DeviceArray<float> rewards = backend.Allocate<float>(phi.Rows);
        if (beta is not null)
        {
            using DeviceArray<float> head = backend.Upload<float>(beta, 1, d);
            backend.Linear(features, head, null, rewards);
            RequireFinite(rewards.ToArray());
        }

        var context = new AcquisitionContext(graph, features, rewards)
        {
            Past = past is null ? null : new PastComparisons(past, features, rewards),
            Targets = targets is null ? null : new Targets(targetPairs, targetPairs is null ? targetFeatures : features),
            ThinnedRewards = thinned is null ? null : (_, _) => thinned.Numbers,
            Ridge = ridge,
            Random = new SeededRandom(seed),
        };
        return new Strategy(acquisition).Score(context);
    }
}
