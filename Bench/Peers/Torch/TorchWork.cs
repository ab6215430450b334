namespace FisherKernels.Bench.Peers.Torch;

/// <summary>What is compared with libtorch.</summary>
internal static class TorchWork
{
    /// <summary>In the order of the report. A selection is compared with the faster of two formulations, tried here first.</summary>
    public static IEnumerable<PeerWork> All(Own own, TorchPeer torch)
    {
        PairedTiming tried = PairedTiming.Measure(torch.Select, torch.SelectByResponses, 15, default);
        bool laplacian = tried.Ratio.Median < 1;
        string closed = laplacian ? "closed form over responses (ΛΦ by scattering)" : "closed form over the pairs' differences";
        yield return new(
            "features 5,000 × 2,048 → 64 → 64 → 64", "linear and GELU", own.Forward, torch.Forward,
            () => FormattableString.Invariant($"features within {Largest(own.Features, torch.Features):G2}"), 1);
        yield return new(
            "best 500 of 20,000 pairs of 5,000 responses, d = 64, features given", closed, own.Select, laplacian ? torch.SelectByResponses : torch.Select,
            () => Shared(own.Best, torch.Best), 3);
        yield return new(
            "the same from embeddings, D = 2,048", closed, own.EndToEnd, () => torch.EndToEnd(laplacian), () => Shared(own.Best, torch.Best), 1.2);
        yield return new(
            "the same", "the paper's rule: both sides of every pair, autograd", own.EndToEnd, torch.PapersRule, () => Shared(own.Best, torch.Best), 15);
        yield return new(
            "training step, 10,000 pairs of 5,000 responses, D = 2,048", "each response once", own.TrainingStep, torch.TrainingStep, Losses, 1);
        yield return new("the same", "both sides of every pair, as the paper's code", own.TrainingStep, torch.PapersTrainingStep, () => "the same loss", 4);
        yield return new(
            "best 500 of all 12.5 million pairs of 5,000 responses, d = 64", "dense weights and scores", own.EveryPair, torch.EveryPair,
            () => FormattableString.Invariant($"{own.EveryPairBest.Count(pair => torch.EveryPairBest.Contains((long)pair.First * PeerData.Responses + pair.Second))} of 500 the same"), null);
        yield return new(
            "BatchBALD, 10 of 20,000, 20 draws given", "exact joint outcomes, one product for both answers", own.BatchBald, torch.BatchBald,
            () => Shared(own.Batch, torch.Batch), 5);
        yield return new("coreset, 20,000 pairs, d = 64", "k-means++ K = 10, one iteration, sensitivities", own.Coreset, torch.Coreset, () => "other draws, the same algorithm", 3);

        string Losses() => FormattableString.Invariant($"loss {own.Loss:F6} and {torch.Loss:F6}");
    }

    private static string Shared(int[] ours, long[] theirs) =>
        FormattableString.Invariant($"{ours.Count(one => theirs.Contains(one))} of {ours.Length} the same");

    private static double Largest(float[] ours, float[] theirs) => ours.Zip(theirs, (x, y) => Math.Abs((double)x - y)).Max();
}
