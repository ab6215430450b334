using FisherKernels.Kernels;

namespace FisherKernels.Learning.Metrics;

/// <summary>How well predicted rewards foretell what people said. A number is NaN where nothing can be counted for it.</summary>
/// <remarks>
/// The interval is Wilson's with an effective number of comparisons n = p(1 − p)/s², s² the variance of the share where
/// unordered pairs are drawn and not comparisons: s² = C/(C − 1) Σ(y_c − p m_c)²/(Σm_c)² over C pairs with m_c
/// comparisons, y_c of them right. Several votes on one pair are so no more than they tell. n is at most the number of
/// comparisons, and C where s² is 0 because everything is right or wrong.
/// </remarks>
/// <param name="Comparisons">Comparisons measured.</param>
/// <param name="Pairs">Unordered pairs among them: (a, b) and (b, a) are one.</param>
/// <param name="Ties">Comparisons whose label is ½.</param>
/// <param name="PredictedTies">Comparisons of two responses with the same predicted reward.</param>
/// <param name="Accuracy">Share of comparisons whose winner is predicted, in [0, 1]; a tie, predicted or said, counts ½.</param>
/// <param name="AccuracyLow">Lower end of its 95 % interval.</param>
/// <param name="AccuracyHigh">Upper end of its 95 % interval.</param>
/// <param name="DecidedAccuracy">The same share with labels of ½ left out.</param>
/// <param name="LogLoss">Mean cross-entropy of the labels, in nats, worked from the logit; a coin has ln 2.</param>
/// <param name="CalibrationError">Expected calibration error, in [0, 1], as of <see cref="PairMetrics"/>.</param>
public sealed record LabelledMetrics(
    int Comparisons,
    int Pairs,
    int Ties,
    int PredictedTies,
    double Accuracy,
    double AccuracyLow,
    double AccuracyHigh,
    double DecidedAccuracy,
    double LogLoss,
    double CalibrationError)
{
    // Φ⁻¹(0.975)
    private const double Normal = 1.959963984540054;

    /// <summary>Measures.</summary>
    /// <param name="predicted">Predicted rewards, finite, by row of the pool.</param>
    /// <param name="comparisons">Over those rows; at least one.</param>
    /// <exception cref="InputException">No comparisons, or a bad one.</exception>
    /// <exception cref="ArgumentException">A prediction is not finite.</exception>
    public static LabelledMetrics Measure(ReadOnlySpan<float> predicted, ReadOnlySpan<Comparison> comparisons)
    {
        var pairs = new Pair[comparisons.Length];
        double[] labels = new double[comparisons.Length];
        for (int i = 0; i < pairs.Length; i++)
        {
            (pairs[i], labels[i]) = (comparisons[i].Pair, comparisons[i].Preference);
        }

        return Measure(predicted, pairs, labels);
    }

    /// <summary>Measures labels of float64, of which only ½ itself is a tie.</summary>
    /// <param name="predicted">Predicted rewards, finite, by row of the pool.</param>
    /// <param name="pairs">n pairs of those rows; at least one.</param>
    /// <param name="preferences">n labels in [0, 1], 1 where the first won.</param>
    /// <exception cref="InputException">No comparisons, or a bad one.</exception>
    /// <exception cref="ArgumentException">A prediction is not finite, or there are not as many labels as pairs.</exception>
    public static LabelledMetrics Measure(ReadOnlySpan<float> predicted, ReadOnlySpan<Pair> pairs, ReadOnlySpan<double> preferences)
    {
        Check.SameLength(pairs.Length, preferences.Length);
        for (int i = 0; i < pairs.Length; i++)
        {
            Comparison.Check(i, pairs[i], preferences[i], predicted.Length);
        }

        Check.Finite(predicted, nameof(predicted));
        if (pairs.Length == 0)
        {
            throw new InputException("There are no comparisons to measure on; at least one is needed.");
        }

        double[] logits = new double[pairs.Length], labels = new double[pairs.Length], rights = new double[pairs.Length];
        int ties = 0, predictedTies = 0;
        for (int i = 0; i < pairs.Length; i++)
        {
            logits[i] = (double)predicted[pairs[i].First] - predicted[pairs[i].Second];
            labels[i] = Math.Clamp(preferences[i], 0, 1);
            bool tie = labels[i] == 0.5, predictedTie = logits[i] == 0;
            rights[i] = tie || predictedTie ? 0.5 : logits[i] > 0 == labels[i] > 0.5 ? 1 : 0;
            ties += tie ? 1 : 0;
            predictedTies += predictedTie ? 1 : 0;
        }

        PairMetrics metrics = PairMetrics.Measure(logits, labels);
        (double Right, int Count)[] clusters = Clusters(pairs, rights);
        double share = clusters.Sum(cluster => cluster.Right) / pairs.Length;
        (double low, double high) = Interval(share, pairs.Length, clusters);
        return new LabelledMetrics(
            pairs.Length, clusters.Length, ties, predictedTies, share, low, high, metrics.Accuracy, metrics.LogLoss,
            metrics.CalibrationError);
    }

    // In the order in which the pairs first occur, so that sums are always the same.
    private static (double Right, int Count)[] Clusters(ReadOnlySpan<Pair> pairs, double[] rights)
    {
        var indices = new Dictionary<Pair, int>();
        var clusters = new List<(double Right, int Count)>();
        for (int i = 0; i < pairs.Length; i++)
        {
            Pair pair = pairs[i];
            var key = new Pair(Math.Min(pair.First, pair.Second), Math.Max(pair.First, pair.Second));
            if (!indices.TryGetValue(key, out int index))
            {
                indices[key] = index = clusters.Count;
                clusters.Add((0, 0));
            }

            clusters[index] = (clusters[index].Right + rights[i], clusters[index].Count + 1);
        }

        return [.. clusters];
    }

    private static (double Low, double High) Interval(double share, int comparisons, (double Right, int Count)[] clusters)
    {
        double squares = clusters.Sum(cluster => Math.Pow(cluster.Right - share * cluster.Count, 2));
        double variance = squares * clusters.Length / Math.Max(clusters.Length - 1, 1) / ((double)comparisons * comparisons);
        double spread = share * (1 - share);
        double n = clusters.Length == 1 ? 1
            : spread <= 0 ? clusters.Length
            : variance > 0 ? Math.Min(spread / variance, comparisons) : comparisons;
        double z2 = Normal * Normal, centre = (share + z2 / (2 * n)) / (1 + z2 / n);
        double half = Normal / (1 + z2 / n) * Math.Sqrt(Math.Max(spread, 0) / n + z2 / (4 * n * n));
        return (Math.Max(centre - half, 0), Math.Min(centre + half, 1));
    }
}
