using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Design;
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
        var rule = new Option<string>("--rule", "--strategy")
        {
            Description = $"strategy: {string.Join(", ", Acquisitions.All.Select(strategy => strategy.Name))}; NAME takes the best scores, NAME+sample or NAME+power=β draw in proportion to scoreᵝ, NAME+softmax=β to e^(β·score); dopt, padopt and xtx also go with {string.Join(", ", BatchOptimisers.All.Skip(1).Select(optimiser => "+" + optimiser.Name))}, which optimise the batch as a whole",
            DefaultValueFactory = _ => "padopt",
        };
        var batch = Ask.Whole("--batch", "pairs to choose", 500);
        var pairs = Ask.OptionalPath("--pairs", ".npy of candidate pairs, n × 2 row numbers, each taken once; drawn from the pool when left out");
        var everyPair = new Option<bool>("--every-pair")
        {
            Description = $"look at every pair of all responses, at most {Backend.MostResponsesOfAllPairs}, instead of drawn candidates; for padopt, padopt+greedy and padopt+exchange; padopt is dopt as long as nothing is labelled",
        };
        var labelled = Ask.OptionalPath("--labelled", ".npy of pairs already labelled, m × 2: left out of the candidates, and the past of the rules that look at it");
        var targets = Ask.OptionalPath("--targets", ".npy of what vopt and gopt are to predict well: n × 2 pairs, or n responses for all their pairs; the candidates when left out");
        var ridge = Ask.Number("--ridge", "λ, prior precision of the head", 1e-6);
        var file = Ask.Path("--out", "where the pairs go: NAME.npy, and NAME.jsonl beside it");
        var command = new Command("select", "Choose the pairs that people should compare next.")
        {
            embeddings, promptIds, rule, batch, pairs, everyPair, labelled, targets, ridge, file,
        };
        var model = new ModelOption(command, "trained model: .safetensors; only random does without", required: false);
        var candidates = new CandidateSettings(command);
        var demands = new DemandSettings(command);
        var shared = new SharedOptions(command);
        command.Does((parsed, cancellation) =>
        {
            var clock = Stopwatch.StartNew();
            string outPath = parsed.GetRequiredValue(file);
            if (JsonLinesPath(outPath) == outPath)
            {
                throw new InputException($"--out is {outPath}, the name of the JSON Lines beside the pairs; end it in .npy.");
            }

            OutputFiles.Require(outPath, parsed, file);
            OutputFiles.Require(JsonLinesPath(outPath), parsed, file);
            Strategy strategy = Strategy.Parse(parsed.GetRequiredValue(rule));
            int count = CandidateSettings.Positive(batch.Name, parsed.GetValue(batch));
            double lambda = ScoreCommand.Ridge(parsed.GetValue(ridge));
            bool every = parsed.GetValue(everyPair);
            if (every && (parsed.GetValue(pairs) is null ? candidates.Given(parsed) : pairs.Name) is { } narrower)
            {
                throw new InputException($"{narrower} narrows the candidates, and {everyPair.Name} looks at all pairs; leave one of them out.");
            }

            if (every && demands.Given(parsed) is { } demand)
            {
                throw new InputException($"{demand} goes with listed candidates, not with {everyPair.Name}; leave one of them out.");
            }

            if (every && strategy.Name is not ("padopt" or "padopt+greedy" or "padopt+exchange"))
            {
                throw new InputException($"{everyPair.Name} goes with padopt, padopt+greedy and padopt+exchange, not with {strategy.Name}; leave it out, or --rule.");
            }

            using EmbeddingPool pool = EmbeddingPool.Load(parsed.GetRequiredValue(embeddings), parsed.GetValue(promptIds));
            Pair[] known = parsed.GetValue(labelled) is { } labelledPath ? InputFiles.Pairs(labelledPath, pool.Responses) : [];
            if (every && pool.Responses > Backend.MostResponsesOfAllPairs)
            {
                throw new InputException($"{everyPair.Name} takes at most {Backend.MostResponsesOfAllPairs} responses, the embeddings have {pool.Responses}; leave it out, and candidates are drawn.");
            }

            BatchDemands asked = demands.Read(parsed, pool);
            HashSet<Pair> barred = demands.Barred(parsed, pool);
            Pair[] from = every ? [] : parsed.GetValue(pairs) is { } pairsPath
                ? Fresh([.. asked.Must, .. InputFiles.Pairs(pairsPath, pool.Responses)], known, barred)
                : Fresh([.. asked.Must, .. Candidates.Draw(pool, candidates.Read(parsed), known.ToHashSet(), new SeededRandom(shared.Seed(parsed), 0))], known, barred);
            long offered = every ? EveryPairDesign.Unlabelled(pool.Responses, known) : from.Length;
            if (demands.HasBudget(parsed))
            {
                count = from.Length;
            }

            if (count > offered)
            {
                throw new InputException($"--batch is {count}, but there are {offered} candidates{(known.Length > 0 ? " that are not labelled" : "")}; ask for fewer, or offer more.");
            }

            TargetRows? wanted = parsed.GetValue(targets) is { } targetsPath ? InputFiles.Targets(targetsPath, pool.Responses) : null;
            BradleyTerryMlp? mlp = model.Read(parsed, output);
            using Backend backend = shared.Open(parsed);
            Picked picked = every ? OfEveryPair(backend, pool, mlp, known, count, lambda, strategy, asked, out from, cancellation) : ActiveLearner.Choose(
                backend, pool, mlp, from, [.. known.Select(pair => new Comparison(pair, 0.5f))], strategy, count, lambda,
                new SeededRandom(shared.Seed(parsed), 1), wanted, asked, cancellation);
            cancellation.ThrowIfCancellationRequested();
            Write(outPath, pool, from, picked);
            if (shared.Json(parsed))
            {
                output.Out.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        rule = strategy.Name,
                        chosen = picked.Numbers.Length,
                        candidates = offered,
                        labelled = known.Length,
                        ridge = lambda,
                        logDet = picked.Precision?.LogDeterminant,
                        conditionNumber = picked.Precision?.ConditionNumber,
                        certificate = picked.Certificate is { } proven
                            ? new { logDet = proven.LogDet, upperBound = proven.UpperBound, efficiency = proven.Efficiency, relaxedLimits = proven.HasRelaxedLimits, proof = picked.Proof is { } proof ? JsonNamingPolicy.SnakeCaseLower.ConvertName($"{proof}") : null }
                            : null,
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
                    $"{picked.Numbers.Length} of {offered} pairs chosen by {strategy.Name} on {backend.Device} → {outPath} and {JsonLinesPath(outPath)}"));
                if (picked.Certificate is { } proven)
                {
                    output.Out.WriteLine(Sentence(proven, picked.Proof));
                }
            }

            if (picked.Numbers.Length < count && !demands.HasBudget(parsed))
            {
                output.Error.WriteLine($"The limits allow {picked.Numbers.Length} pairs of the {count} that {batch.Name} asks for.");
            }

            return Task.FromResult(0);
        });
        return command;
    }

    private static string Sentence(Certificate proven, Proof? proof) => FormattableString.Invariant(
        $"log det {proven.LogDet:F4}, of any such batch at most {proven.UpperBound:F4}: at least {Math.Floor(proven.Efficiency * 1e4) / 100:F2} % D-efficient")
        + (proven.HasRelaxedLimits ? ", beside batches that need not keep every limit" : "")
        + proof switch
        {
            Proof.OutOfTime => "; the time was up before more was proven",
            Proof.Stalled => "; the bound came to rest before more was proven",
            Proof.Impossible => "; more cannot be proven: pairs taken in part would do better than that allows",
            _ => "",
        };

    private static Picked OfEveryPair(
        Backend backend, EmbeddingPool pool, BradleyTerryMlp? model, Pair[] known, int count, double ridge, Strategy strategy, BatchDemands demands, out Pair[] from,
        CancellationToken cancellation)
    {
        if (model is null)
        {
            throw new InputException("The strategy padopt needs a trained model; name it with --model.");
        }

        (DeviceArray<float> features, DeviceArray<float> rewards) = model.Features(backend, pool, [.. Enumerable.Range(0, pool.Responses)], cancellation);
        using (features)
        using (rewards)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] all = [.. Enumerable.Range(0, count)];
            var effort = new SearchEffort(demands.TimeLimit, Cancellation: cancellation);
            if (strategy.Optimiser is null)
            {
                EveryPairChoice choice = EveryPairDesign.Choose(features, rewards, known, count, ridge);
                from = choice.Pairs;
                return new Picked(all, [.. choice.Gradient.Select(g => (double)g)], choice.Precision)
                {
                    Certificate = EveryPairBatches.CertificateOf(choice.Pairs, features, rewards, known, ridge),
                };
            }

            EveryPairBatch batch = strategy.Optimiser is Exchange
                ? EveryPairBatches.Exchange(features, rewards, known, count, ridge, effort)
                : EveryPairBatches.Greedy(features, rewards, known, count, ridge, effort);
            from = batch.Pairs;
            return new Picked(all, batch.Gains, batch.Precision) { Certificate = batch.Certificate };
        }
    }

    // In the given order. A pair and its turned one are the same question, and nobody is asked it twice.
    private static Pair[] Fresh(Pair[] given, Pair[] known, HashSet<Pair> barred)
    {
        HashSet<Pair> seen = [.. known.Select(DemandSettings.Ascending), .. barred];
        return [.. given.Where(pair => seen.Add(DemandSettings.Ascending(pair)))];
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
