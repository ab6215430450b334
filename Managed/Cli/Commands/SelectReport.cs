using System.CommandLine;
using System.Text.Json;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Cli.Commands;

/// <summary>What fisher select says: what was offered, what was chosen, and how good that is known to be.</summary>
internal sealed class SelectReport(
    SelectSettings settings, Strategy strategy, Offer offer, PairsGiven given, EmbeddingPool pool, BatchFiles files)
{
    /// <summary>What was drawn and left out, for people.</summary>
    public void Offered(Output output, ParseResult parsed)
    {
        if (offer.Drawn is { } drawn && settings.Candidates.Describe(drawn, pool.Prompts) is { } sentence)
        {
            output.Error.WriteLine($"fisher: {sentence}");
        }

        if (offer.IdenticalLeftOut > 0)
        {
            output.Error.WriteLine(
                $"fisher: left out: {Numbered(offer.IdenticalLeftOut, "pair")} whose two responses have the same embedding.");
        }

        if (offer.ResponsesLeftOut > 0)
        {
            output.Error.WriteLine($"fisher: left out: {Numbered(offer.ResponsesLeftOut, "response")} whose embedding is not finite.");
        }
    }

    /// <summary>What was chosen.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="parsed">What was asked for.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="wanted">How many pairs it was to have; 0 where a budget says how many.</param>
    /// <param name="ridge">λ.</param>
    /// <param name="backend">Where it was computed.</param>
    /// <param name="seconds">How long it took.</param>
    public void Chosen(Output output, ParseResult parsed, Batch batch, int wanted, double ridge, Backend backend, double seconds)
    {
        int chosen = batch.Values.Length, worthless = batch.Values.Count(value => value == 0);
        if (settings.Shared.Json(parsed))
        {
            output.Out.WriteLine(Json(batch, worthless, ridge, backend, seconds));
        }
        else
        {
            output.Out.WriteLine(FormattableString.Invariant(
                $"{chosen} of {offer.Count} pairs chosen by {strategy.Name} on {backend.Device} → {files.Pairs} and {files.Lines}"));
            if (batch.Certificate is { } proven)
            {
                output.Out.WriteLine(Sentence(proven, batch.Proof));
            }
        }

        if (worthless > 0)
        {
            output.Error.WriteLine(
                $"fisher: {worthless} of the {chosen} pairs have the score 0: by {strategy.Name} and this model their answers add "
                + "nothing.");
        }

        if (chosen < wanted)
        {
            string more = offer.Drawn is { } drawn && drawn.Prompts < pool.Prompts ? ", and more prompts offer others" : "";
            output.Error.WriteLine(
                $"fisher: the limits were kept while the best pairs were taken one after the other: {chosen} of the {wanted} that "
                + $"{settings.Batch.Name} asks for were found. Another choice may hold more{more}.");
        }
    }

    /// <summary>1 pair, 2,000 pairs.</summary>
    public static string Numbered(long count, string one) => count == 1 ? $"1 {one}" : FormattableString.Invariant($"{count:N0} {one}s");

    private string Json(Batch batch, int worthless, double ridge, Backend backend, double seconds) => JsonSerializer.Serialize(
        new
        {
            rule = strategy.Name,
            chosen = batch.Values.Length,
            candidates = offer.Count,
            labelled = given.Labelled.Length,
            prompts = pool.Prompts,
            promptsDrawn = offer.Drawn?.Prompts,
            pairsOfDrawnPrompts = offer.Drawn?.Unlabelled,
            identicalLeftOut = offer.IdenticalLeftOut,
            responsesLeftOut = offer.ResponsesLeftOut,
            scoresOfZero = worthless,
            ridge,
            logDet = batch.Precision?.LogDeterminant,
            conditionNumber = batch.Precision?.ConditionNumber,
            certificate = batch.Certificate is { } proven
                ? new
                {
                    logDet = proven.LogDet,
                    upperBound = proven.UpperBound,
                    efficiency = proven.Efficiency,
                    relaxedLimits = proven.HasRelaxedLimits,
                    proof = batch.Proof is { } proof ? JsonNamingPolicy.SnakeCaseLower.ConvertName($"{proof}") : null,
                }
                : null,
            seconds,
            backend = backend.Kind.Name(),
            device = backend.Device,
            why = backend.Why,
            @out = files.Pairs,
            lines = files.Lines,
        },
        JsonText.Indented);

    private static string Sentence(Certificate proven, Proof? proof)
    {
        // Cut, not rounded: 100.00 % is said of nothing less.
        double percent = Math.Floor(proven.Efficiency * 1e4) / 100;
        string bound = FormattableString.Invariant($"log det {proven.LogDet:F4}, of any such batch at most {proven.UpperBound:F4}: ")
            + (percent > 0 ? FormattableString.Invariant($"at least {percent:F2} % D-efficient") : "this bound proves nothing");
        return bound
            + (proven.HasRelaxedLimits ? ", beside batches that need not keep every limit" : "")
            + proof switch
            {
                Proof.OutOfTime => "; the time was up before more was proven",
                Proof.Stalled => "; the bound came to rest before more was proven",
                Proof.Impossible => "; more cannot be proven: pairs taken in part would do better than that allows",
                _ => "",
            };
    }
}
