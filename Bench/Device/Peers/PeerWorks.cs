using System.Globalization;

namespace FisherKernels.Bench.Peers;

/// <summary>What is compared with a peer.</summary>
internal static class PeerWorks
{
    /// <summary>What <c>--work</c> may name.</summary>
    public static IReadOnlyList<string> Words { get; } =
        ["features", "select", "end", "paper", "step", "step-paper", "every", "batchbald", "coreset"];

    /// <summary>In the order of the page, as far as the peer has it and it is among <paramref name="words"/>. A selection is
    /// compared with the faster of the peer's formulations, tried here first.</summary>
    public static IEnumerable<PeerWork> All(Own own, IPeer peer, IReadOnlyCollection<string> words, CancellationToken cancellation)
    {
        PeerSize s = own.Size;
        bool byResponses = peer.Has("select-responses") && (words.Contains("select") || words.Contains("end"))
            && PairedTiming.Measure(() => peer.Run("select-pairs"), () => peer.Run("select-responses"), 5, cancellation).Ratio.Median < 1;
        (string closed, string select, string end) = byResponses
            ? ("closed form over responses (ΛΦ by scattering)", "select-responses", "end-responses")
            : ("closed form over the pairs' differences", "select-pairs", "end-pairs");
        double? firstLoss = null;
        FormattableString fromEmbeddings = $"best {s.Batch} of {s.Candidates:N0} pairs from embeddings, D = {s.Dimension:N0}",
            training = $"training step, {s.Labelled:N0} pairs of {s.Responses:N0} responses, D = {s.Dimension:N0}";
        PeerWork?[] all =
        [
            Row(
                "features",
                $"features {s.Responses:N0} × {s.Dimension:N0} → {s.Width} → {s.Width} → {s.Width}", "linear and GELU", own.Forward,
                "features",
                () => FormattableString.Invariant($"features within {own.Features.Zip(peer.Answer(), (x, y) => Math.Abs(x - y)).Max():G2}"),
                1),
            Row("select", $"best {s.Batch} of {s.Candidates:N0} pairs of {s.Responses:N0} responses, d = {s.Width}, features given", closed,
                own.Select, select, Chosen, 3),
            Row("end", fromEmbeddings, closed, own.EndToEnd, end, Chosen, 1.2),
            Row("paper", fromEmbeddings, "the paper's rule: both sides of every pair, autograd", own.EndToEnd, "paper", Chosen, 15),
            Row("step", training, "each response once", own.TrainingStep, "step", () => Losses(firstLoss ??= own.Loss), 1),
            Row("step-paper", training, "both sides of every pair, as the paper's code", own.TrainingStep, "step-paper", () =>
                Losses(firstLoss ??= own.Loss), 4),
            Row(
                "every",
                $"best {s.Batch} of all {(long)s.Responses * (s.Responses - 1) / 2:N0} pairs of {s.Responses:N0} responses, d = {s.Width}",
                "dense weights and scores",
                own.EveryPair, "every", () =>
                    Shared([.. own.EveryPairBest.Select(pair => (double)((long)pair.First * s.Responses + pair.Second))]), null),
            Row(
                "batchbald",
                $"BatchBALD, {s.Small} of {s.Candidates:N0}, {s.Draws} draws given", "exact joint outcomes", own.BatchBald, "batchbald",
                () => Shared([.. own.Batch.Select(number => (double)number)]), 5),
            Row(
                "coreset",
                $"coreset, {s.Candidates:N0} pairs, d = {s.Width}", "k-means++ K = 10, one iteration, sensitivities", own.Coreset,
                "coreset",
                () => "other draws, the same algorithm", 3),
        ];
        return all.OfType<PeerWork>();

        PeerWork? Row(
            string word, FormattableString work, string formulation, Action ours, string theirs, Func<string> agreement, double? least) =>
            words.Contains(word) && peer.Has(theirs)
                ? new(work.ToString(CultureInfo.InvariantCulture), formulation, ours, () => peer.Run(theirs), agreement, least)
                : null;

        string Chosen() => Shared([.. own.Best.Select(number => (double)number)]);

        string Shared(double[] ours)
        {
            var theirs = peer.Answer().ToHashSet();
            return FormattableString.Invariant($"{ours.Count(theirs.Contains)} of {ours.Length} the same");
        }

        string Losses(double ours) => FormattableString.Invariant($"loss before the first step {ours:F6} and {peer.Answer()[0]:F6}");
    }
}
