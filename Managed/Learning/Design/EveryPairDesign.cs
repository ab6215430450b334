using FisherKernels.Kernels;

namespace FisherKernels.Learning.Design;

/// <summary>Past-aware D-optimal design over every pair of the responses, none of them listed (MATH.md §3, §6).</summary>
/// <remarks>
/// The pairs and, to rounding of the sums, the scores that <c>padopt</c> gives when all unlabelled pairs are its candidates.
/// </remarks>
internal static class EveryPairDesign
{
    /// <summary>Chooses the pairs with the largest g = v δᵀM⁻¹δ of those that have no label, equal ones in ascending order.</summary>
    /// <param name="features">Φ [R, d], R ≤ <see cref="Backend.MostResponsesOfAllPairs"/>; its owner computes.</param>
    /// <param name="rewards">r [R] under the same model.</param>
    /// <param name="labelled">Pairs labelled so far, in either order, as often as they were labelled.</param>
    /// <param name="count">c, at most <see cref="Unlabelled"/>.</param>
    /// <param name="ridge">λ ≥ 0.</param>
    /// <param name="kinds">[R]: responses of equal numbers are the same answer and are not compared; empty where all differ.</param>
    /// <exception cref="SingularInformationException">M has no Cholesky factor in float64.</exception>
    public static (Pair[] Pairs, float[] Gradient, PrecisionMatrix Precision) Choose(
        DeviceArray<float> features, DeviceArray<float> rewards, ReadOnlySpan<Pair> labelled, int count, double ridge = 1e-6,
        ReadOnlySpan<int> kinds = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(rewards);
        long unlabelled = Unlabelled(features.Rows, labelled, kinds);
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
            if (!known.Add(pair.Ascending()))
            {
                again.Add(pair);
            }
        }

        Backend backend = features.Owner;
        using DeviceArray<double>? past = again.Count > 0 ? Repeated(again, features, rewards) : null;
        int[] kindOf = kinds.ToArray();
        long all = features.Rows * (features.Rows - 1L) / 2;
        for (long k = count + known.Count; ; k = Math.Min(2 * k + 1, all))
        {
            (Pair[] pairs, float[] scores, PrecisionMatrix precision) = backend.AllPairsBest(features, rewards, past, ridge, (int)k);
            IEnumerable<int> free = Enumerable.Range(0, pairs.Length)
                .Where(i => !known.Contains(pairs[i]) && AreDifferent(kindOf, pairs[i]));
            int[] chosen = [.. free.Take(count)];

            // Pairs of the same answer score 0: they are in the way only where the others do too.
            if (chosen.Length == count)
            {
                return ([.. chosen.Select(i => pairs[i])], [.. chosen.Select(i => scores[i])], precision);
            }
        }
    }

    /// <summary>How many pairs of R responses can be compared and have no label.</summary>
    /// <param name="responses">R.</param>
    /// <param name="labelled">Pairs labelled so far, in either order.</param>
    /// <param name="kinds">[R]: responses of equal numbers are the same answer and are not compared; empty where all differ.</param>
    public static long Unlabelled(int responses, ReadOnlySpan<Pair> labelled, ReadOnlySpan<int> kinds = default)
    {
        if (!kinds.IsEmpty && kinds.Length != responses)
        {
            throw new ArgumentException($"kinds has {kinds.Length} numbers, expected {responses}, or none.", nameof(kinds));
        }

        HashSet<Pair> known = [];
        foreach (Pair pair in labelled)
        {
            if (AreDifferent(kinds, pair))
            {
                known.Add(pair.Ascending());
            }
        }

        long identical = kinds.ToArray().CountBy(kind => kind).Sum(kind => kind.Value * (kind.Value - 1L) / 2);
        return responses * (responses - 1L) / 2 - identical - known.Count;
    }

    internal static bool AreDifferent(ReadOnlySpan<int> kinds, Pair pair) => kinds.IsEmpty || kinds[pair.First] != kinds[pair.Second];

    private static DeviceArray<double> Repeated(List<Pair> pairs, DeviceArray<float> features, DeviceArray<float> rewards)
    {
        using PairGraph graph = features.Owner.Graph([.. pairs], features.Rows);
        using DeviceArray<float> v = FisherDesign.Variances(graph, rewards);
        return features.Owner.Upload<double>(FisherDesign.Information(graph, features, v), features.Columns, features.Columns);
    }
}
