using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher select: the pairs to be compared next, from embeddings and a model.</summary>
internal static class SelectCommand
{
    public static Command Create(Output output)
    {
        var command = new Command("select", "Choose the pairs that people should compare next.");
        var settings = new SelectSettings(command);
        command.Does((parsed, cancellationToken) =>
        {
            Run(settings, parsed, output, cancellationToken);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Run(SelectSettings settings, ParseResult parsed, Output output, CancellationToken cancellationToken)
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
        PairsGiven given = settings.Constraints.Pairs(parsed, pool, parsed.GetValue(settings.Labelled));
        BatchConstraints constraints = settings.Constraints.Read(parsed, pool, given);
        bool isCounted = constraints.Budget is null || Ask.IsGiven(parsed, settings.Batch);
        Offer offer = Offered(settings, parsed, pool, given, isCounted ? count : 0, constraints.PerPrompt);
        if (!isCounted || (constraints.Budget is not null && count > offer.Count))
        {
            count = (int)offer.Count;
        }

        RequireEnough(settings, parsed, offer, count, given.Labelled.Length > 0, pool);
        TargetRows? targets = parsed.GetValue(settings.Targets) is { } path ? InputFiles.Targets(path, pool.Responses) : null;
        BradleyTerryMlp? model = settings.Model.Read(parsed, output, pool, cancellationToken);
        using Backend backend = settings.Shared.Open(parsed);
        var report = new SelectReport(settings, strategy, offer, given, pool, files);
        report.Offered(output, parsed);
        var query = new PairQuery
        {
            Backend = backend,
            Pool = pool,
            Model = model,
            Candidates = offer.Candidates,
            Labelled = [.. given.Labelled.Select(pair => new Comparison(pair, 0.5f))],
            Strategy = strategy,
            Count = count,
            Ridge = ridge,
            Random = given.Stream(settings.Shared.Seed(parsed), PairsGiven.ChoiceStream),
            Targets = targets,
            Constraints = constraints,
        };
        Batch batch = Chosen(query, settings.Model.Path(parsed), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        files.Write(pool, batch);
        report.Chosen(
            output, parsed, batch, isCounted && constraints.Budget is null ? count : 0, ridge, backend, clock.Elapsed.TotalSeconds);
    }

    private static Offer Offered(
        SelectSettings settings, ParseResult parsed, EmbeddingPool pool, PairsGiven given, int least, int? perPrompt)
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

    private static void RequireEnough(
        SelectSettings settings, ParseResult parsed, Offer offer, int count, bool isLabelled, EmbeddingPool pool)
    {
        if (count <= offer.Count && offer.Count > 0)
        {
            return;
        }

        if (offer.Count == 0 && pool.FindFault() is { } fault)
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
        throw new InputException(string.Create(CultureInfo.InvariantCulture,
            $"{settings.Batch.Name} is {count}, but there are {offer.Count} candidates{unlabelled}{where}{identical}; ask for fewer, "
            + $"{remedy}."));
    }

    // Whatever has broken down in a model is said with its name.
    private static Batch Chosen(PairQuery query, string? modelPath, CancellationToken cancellationToken)
    {
        try
        {
            return query.Select(cancellationToken);
        }
        catch (ScoreException exception) when (modelPath is not null)
        {
            throw new ScoreException($"{modelPath}: {exception.Message}");
        }
    }
}
