using System.CommandLine;
using System.Diagnostics;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Design;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher select: the pairs to be compared next, from embeddings and a model.</summary>
internal static class SelectCommand
{
    public static Command Create(Output output)
    {
        var command = new Command("select", "Choose the pairs that people should compare next.");
        var settings = new SelectSettings(command);
        command.Does((parsed, cancellation) =>
        {
            var clock = Stopwatch.StartNew();
            BatchFiles files = BatchFiles.FromName(parsed.GetRequiredValue(settings.Out));
            OutputFiles.Require(files.Pairs, parsed, settings.Out);
            OutputFiles.Require(files.Lines, parsed, settings.Out);
            Strategy strategy = Strategy.Parse(parsed.GetRequiredValue(settings.Rule));
            settings.RequireUse(parsed, strategy);
            int count = CandidateSettings.Positive(settings.Batch.Name, parsed.GetValue(settings.Batch));
            double ridge = ScoreCommand.Ridge(parsed.GetValue(settings.Ridge));
            using EmbeddingPool pool = PoolFile.Load(parsed.GetRequiredValue(settings.Embeddings), parsed.GetValue(settings.PromptIds));
            PairsGiven given = settings.Demands.Pairs(parsed, pool, parsed.GetValue(settings.Labelled));
            BatchDemands demands = settings.Demands.Read(parsed, pool, given);
            bool isCounted = demands.Budget is null || Ask.IsGiven(parsed, settings.Batch);
            Offer offer = Offered(settings, parsed, pool, given, isCounted ? count : 0, demands.PerPrompt);
            if (!isCounted || (demands.Budget is not null && count > offer.Count))
            {
                count = (int)offer.Count;
            }

            RequireEnough(settings, parsed, offer, count, given.Labelled.Length > 0, pool);
            TargetRows? wanted = parsed.GetValue(settings.Targets) is { } targets ? InputFiles.Targets(targets, pool.Responses) : null;
            BradleyTerryMlp? model = settings.Model.Read(parsed, output, pool, cancellation);
            using Backend backend = settings.Shared.Open(parsed);
            var report = new SelectReport(settings, strategy, offer, given, pool, files);
            report.Offered(output, parsed);
            (Pair[] chosen, Picked picked) = Chosen(settings.Model.Path(parsed), () => parsed.GetValue(settings.EveryPair)
                ? OfEveryPair(backend, pool, model, offer, given, strategy, count, ridge, demands, cancellation)
                : OfListed(ActiveLearner.Choose(
                    backend, pool, model, offer.Pairs, [.. given.Labelled.Select(pair => new Comparison(pair, 0.5f))], strategy, count, ridge,
                    given.Stream(settings.Shared.Seed(parsed), PairsGiven.ChoiceStream), wanted, demands, cancellation), offer.Pairs));
            cancellation.ThrowIfCancellationRequested();
            files.Write(pool, chosen, picked.Values);
            report.Chosen(output, parsed, picked, isCounted && demands.Budget is null ? count : 0, ridge, backend, clock.Elapsed.TotalSeconds);
            return Task.FromResult(0);
        });
        return command;
    }

    private static Offer Offered(SelectSettings settings, ParseResult parsed, EmbeddingPool pool, PairsGiven given, int least, int? perPrompt)
    {
        int seed = settings.Shared.Seed(parsed);
        if (parsed.GetValue(settings.EveryPair))
        {
            return Offer.OfEveryPair(pool, given.Labelled, given.Stream(seed, PairsGiven.ChoiceStream));
        }

        if (parsed.GetValue(settings.Pairs) is { } path)
        {
            return Offer.OfListed(pool, path, given);
        }

        settings.Candidates.RequireEnough(parsed, settings.Batch.Name, least);
        return Offer.OfDrawn(pool, settings.Candidates.Read(parsed), least, given, seed, perPrompt);
    }

    private static void RequireEnough(SelectSettings settings, ParseResult parsed, Offer offer, int count, bool isLabelled, EmbeddingPool pool)
    {
        if (count <= offer.Count && offer.Count > 0)
        {
            return;
        }

        if (offer.Count == 0 && PoolFault.Of(pool) is { } fault)
        {
            throw new InputException($"There are no candidates: {fault}");
        }

        string unlabelled = isLabelled ? " that are not labelled" : "";
        string identical = offer.IdenticalLeftOut == 0 ? ""
            : $", beside {SelectReport.Numbered(offer.IdenticalLeftOut, "pair")} whose two responses have the same embedding";
        bool isInPrompt = offer.Drawn is not null && settings.Candidates.Read(parsed).Scope == CandidateScope.InPrompt;
        string remedy = offer.Drawn is null ? "or offer more"
            : isInPrompt && pool.Prompts > 1 ? "or offer pairs across prompts with --scope cross-prompt" : "or offer more responses";
        string where = offer.Drawn is null ? "" : isInPrompt ? " in all prompts together" : " of all responses";
        throw new InputException(FormattableString.Invariant(
            $"{settings.Batch.Name} is {count}, but there are {offer.Count} candidates{unlabelled}{where}{identical}; ask for fewer, {remedy}."));
    }

    // Whatever has broken down in a model is said with its name.
    private static (Pair[] Chosen, Picked Picked) Chosen(string? modelPath, Func<(Pair[] Chosen, Picked Picked)> choose)
    {
        try
        {
            return choose();
        }
        catch (ScoreException exception) when (modelPath is not null)
        {
            throw new ScoreException($"{modelPath}: {exception.Message}");
        }
    }

    private static (Pair[] Chosen, Picked Picked) OfListed(Picked picked, Pair[] from) => ([.. picked.Numbers.Select(i => from[i])], picked);

    private static (Pair[] Chosen, Picked Picked) OfEveryPair(
        Backend backend, EmbeddingPool pool, BradleyTerryMlp? model, Offer offer, PairsGiven given, Strategy strategy, int count, double ridge,
        BatchDemands demands, CancellationToken cancellation)
    {
        if (model is null)
        {
            throw new InputException("The strategy padopt needs a trained model; name it with --model.");
        }

        int[] rows = offer.Rows, kinds = offer.Kinds;
        Dictionary<int, int> places = rows.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        Pair[] known = [.. given.Labelled.Select(pair => new Pair(places[pair.First], places[pair.Second]))];
        (DeviceArray<float> features, DeviceArray<float> rewards) = model.Features(backend, pool, rows, cancellation);
        using (features)
        using (rewards)
        {
            cancellation.ThrowIfCancellationRequested();
            ModelCheck.RequireFinite(pool, rows, features, rewards);
            ModelCheck.RequireAlive(pool, rows, features, rewards, offer.Count);
            var effort = new SearchEffort(demands.TimeLimit, Cancellation: cancellation);
            if (strategy.Optimiser is null)
            {
                EveryPairChoice choice = EveryPairDesign.Choose(features, rewards, known, count, ridge, kinds);
                return (Rows(choice.Pairs), new Picked([], [.. choice.Gradient.Select(g => (double)g)], choice.Precision)
                {
                    Certificate = choice.Gradient.Any(g => g > 0)
                        ? EveryPairBatches.CertificateOf(choice.Pairs, features, rewards, known, ridge, kinds, choice.Precision) : null,
                });
            }

            EveryPairBatch batch = strategy.Optimiser is Exchange
                ? EveryPairBatches.Exchange(features, rewards, known, count, ridge, effort, kinds)
                : EveryPairBatches.Greedy(features, rewards, known, count, ridge, effort, kinds);
            return (Rows(batch.Pairs), new Picked([], batch.Gains, batch.Precision) { Certificate = batch.Gains.Any(gain => gain > 0) ? batch.Certificate : null });
        }

        Pair[] Rows(Pair[] pairs) => [.. pairs.Select(pair => new Pair(rows[pair.First], rows[pair.Second]).Ascending())];
    }
}
