using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Files;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher select: the pairs to be compared next, from embeddings and a model.</summary>
internal static class SelectCommand
{
    public static Command Create(Output output)
    {
        var embeddings = Ask.Path("--embeddings", ".npy, responses × D or prompts × responses × D");
        var promptIds = Ask.OptionalPath("--prompt-ids", ".npy of R whole numbers, the prompt of each row of an (R, D) file; without it such a file is one prompt");
        var model = Ask.OptionalPath("--model", "trained model: .safetensors; only random does without");
        var rule = new Option<string>("--rule", "--strategy")
        {
            Description = $"strategy: {string.Join(", ", Acquisitions.All.Select(strategy => strategy.Name))}; NAME takes the best scores, NAME+sample or NAME+power=β draw in proportion to scoreᵝ, NAME+softmax=β to e^(β·score)",
            DefaultValueFactory = _ => "padopt",
        };
        var batch = Ask.Whole("--batch", "pairs to choose", 500);
        var pairs = Ask.OptionalPath("--pairs", ".npy of candidate pairs, n × 2 row numbers, each taken once; drawn from the pool when left out");
        var labelled = Ask.OptionalPath("--labelled", ".npy of pairs already labelled, m × 2: left out of the candidates, and the past of the rules that look at it");
        var targets = Ask.OptionalPath("--targets", ".npy of what vopt and gopt are to predict well: n × 2 pairs, or n responses for all their pairs; the candidates when left out");
        var ridge = Ask.Number("--ridge", "λ, prior precision of the head", 1e-6);
        var file = Ask.Path("--out", "where the pairs go: NAME.npy, and NAME.jsonl beside it");
        var command = new Command("select", "Choose the pairs that people should compare next.")
        {
            embeddings, promptIds, model, rule, batch, pairs, labelled, targets, ridge, file,
        };
        var candidates = new CandidateSettings(command);
        var shared = new SharedOptions(command);
        command.Does((parsed, cancellation) =>
        {
            var clock = Stopwatch.StartNew();
            string outPath = parsed.GetRequiredValue(file);
            if (JsonLinesPath(outPath) == outPath)
            {
                throw new InputException($"--out is {outPath}, the name of the JSON Lines beside the pairs; end it in .npy.");
            }

            OutputFiles.RequireApart(outPath, parsed, file);
            OutputFiles.RequireApart(JsonLinesPath(outPath), parsed, file);
            Strategy strategy = Strategy.Parse(parsed.GetRequiredValue(rule));
            int count = CandidateSettings.Positive(batch.Name, parsed.GetValue(batch));
            double lambda = ScoreCommand.Ridge(parsed.GetValue(ridge));
            using EmbeddingPool pool = EmbeddingPool.Load(parsed.GetRequiredValue(embeddings), parsed.GetValue(promptIds));
            Pair[] known = parsed.GetValue(labelled) is { } labelledPath ? InputFiles.Pairs(labelledPath, pool.Responses) : [];
            Pair[] from = parsed.GetValue(pairs) is { } pairsPath
                ? Fresh(InputFiles.Pairs(pairsPath, pool.Responses), known)
                : Candidates.Draw(pool, candidates.Read(parsed), known.ToHashSet(), new SeededRandom(shared.Seed(parsed), 0));
            if (count > from.Length)
            {
                throw new InputException($"--batch is {count}, but there are {from.Length} candidates{(known.Length > 0 ? " that are not labelled" : "")}; ask for fewer, or offer more.");
            }

            TargetRows? wanted = parsed.GetValue(targets) is { } targetsPath ? InputFiles.Targets(targetsPath, pool.Responses) : null;
            BradleyTerryMlp? mlp = parsed.GetValue(model) is { } modelPath ? ModelFile.Load(modelPath) : null;
            using Backend backend = shared.Open(parsed);
            Picked picked = ActiveLearner.Choose(
                backend, pool, mlp, from, [.. known.Select(pair => new Comparison(pair, 0.5f))], strategy, count, lambda,
                new SeededRandom(shared.Seed(parsed), 1), wanted, cancellation);
            cancellation.ThrowIfCancellationRequested();
            Write(outPath, pool, from, picked);
            if (shared.Json(parsed))
            {
                output.Out.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        rule = strategy.Name,
                        chosen = count,
                        candidates = from.Length,
                        labelled = known.Length,
                        ridge = lambda,
                        logDet = picked.Precision?.LogDeterminant,
                        conditionNumber = picked.Precision?.ConditionNumber,
                        seconds = clock.Elapsed.TotalSeconds,
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
                    $"{count} of {from.Length} pairs chosen by {strategy.Name} on {backend.Device} → {outPath} and {JsonLinesPath(outPath)}"));
            }

            return Task.FromResult(0);
        });
        return command;
    }

    // In the given order. A pair and its turned one are the same question, and nobody is asked it twice.
    private static Pair[] Fresh(Pair[] given, Pair[] known)
    {
        HashSet<Pair> seen = [.. known.Select(Ordered)];
        return [.. given.Where(pair => seen.Add(Ordered(pair)))];

        static Pair Ordered(Pair pair) => pair.First < pair.Second ? pair : new Pair(pair.Second, pair.First);
    }

    private static string JsonLinesPath(string path) => Path.ChangeExtension(path, ".jsonl");

    private static void Write(string path, EmbeddingPool pool, Pair[] from, Picked picked)
    {
        Pair[] chosen = [.. picked.Numbers.Select(i => from[i])];
        Npy.Write<long>(path, [.. chosen.SelectMany(pair => new long[] { pair.First, pair.Second })], [chosen.Length, 2]);
        AtomicFile.Write(JsonLinesPath(path), stream =>
        {
            using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
            for (int rank = 0; rank < chosen.Length; rank++)
            {
                text.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        rank,
                        first = chosen[rank].First,
                        second = chosen[rank].Second,
                        firstPrompt = pool.PromptOf(chosen[rank].First),
                        secondPrompt = pool.PromptOf(chosen[rank].Second),
                        score = picked.Values[rank],
                    },
                    JsonText.Lines));
            }
        });
    }
}
