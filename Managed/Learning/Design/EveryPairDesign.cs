using FisherKernels.Kernels;

namespace FisherKernels.Learning.Design;

/// <summary>Past-aware D-optimal design over every pair of the responses, none of them listed (MATH.md §3, §6).</summary>
/// <remarks>The pairs and, to rounding of the sums, the scores that <c>padopt</c> gives when all unlabelled pairs are its candidates.</remarks>
public static class EveryPairDesign
{
    /// <summary>Chooses the pairs with the largest g = v δᵀM⁻¹δ of those that have no label, equal ones in ascending order.</summary>
    /// <param name="features">Φ [R, d], R ≤ <see cref="Backend.MostResponsesOfAllPairs"/>; its owner computes.</param>
    /// <param name="rewards">r [R] under the same model.</param>
    /// <param name="labelled">Pairs labelled so far, in either order, as often as they were labelled.</param>
    /// <param name="count">c, at most <see cref="Unlabelled"/>.</param>
    /// <param name="ridge">λ ≥ 0.</param>
    /// <exception cref="SingularInformationException">M has no Cholesky factor in float64.</exception>
    public static EveryPairChoice Choose(
        DeviceArray<float> features, DeviceArray<float> rewards, ReadOnlySpan<Pair> labelled, int count, double ridge = 1e-6)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(rewards);
        long unlabelled = Unlabelled(features.Rows, labelled);
        if (count < 0 || count > unlabelled)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"{unlabelled} pairs have no label.");
        }

        // A labelled pair is in I_past as often as it was labelled; as no candidate it is not in I. The sum over all pairs has
        // it once, so only what was labelled again is missing: nothing is subtracted.
        HashSet<Pair> known = [];
        List<Pair> again = [];
        foreach (Pair pair in labelled)
        {
            if (!known.Add(Ascending(pair)))
            {
                again.Add(pair);
            }
        }

        Backend backend = features.Owner;
        double[]? past = again.Count > 0 ? Repeated(again, features, rewards) : null;
        (Pair[] pairs, float[] scores, PrecisionMatrix precision) = backend.AllPairsBest(features, rewards, past, ridge, count + known.Count);
        int[] chosen = [.. Enumerable.Range(0, pairs.Length).Where(i => !known.Contains(pairs[i])).Take(count)];
        return new([.. chosen.Select(i => pairs[i])], [.. chosen.Select(i => scores[i])], precision);
    }

    /// <summary>How many pairs of R responses have no label.</summary>
    public static long Unlabelled(int responses, ReadOnlySpan<Pair> labelled)
    {
        HashSet<Pair> known = [];
        foreach (Pair pair in labelled)
        {
            known.Add(Ascending(pair));
        }

        return responses * (responses - 1L) / 2 - known.Count;
    }

    private static double[] Repeated(List<Pair> pairs, DeviceArray<float> features, DeviceArray<float> rewards)
    {
        using PairGraph graph = features.Owner.Graph([.. pairs], features.Rows);
        using DeviceArray<float> v = FisherDesign.Variances(graph, rewards);
        return FisherDesign.Information(graph, features, v);
    }

    internal static Pair Ascending(Pair pair) => pair.First < pair.Second ? pair : new(pair.Second, pair.First);
}

/// <summary>The chosen pairs, best first.</summary>
/// <param name="Pairs">First &lt; Second.</param>
/// <param name="Gradient">g of each, in nats of log det M per unit weight.</param>
/// <param name="Precision">M.</param>
public sealed record EveryPairChoice(Pair[] Pairs, float[] Gradient, PrecisionMatrix Precision);
