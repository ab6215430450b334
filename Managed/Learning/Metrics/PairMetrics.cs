namespace FisherKernels.Learning.Metrics;

/// <summary>How well predicted rewards foretell comparisons. Every number is NaN where nothing can be counted for it.</summary>
/// <param name="Pairs">Comparisons measured, those with a golden tie included.</param>
/// <param name="Accuracy">Share of comparisons whose winner is predicted; golden ties are left out, a predicted tie counts ½.</param>
/// <param name="LogLoss">Mean cross-entropy of the labels, in nats, worked from the logit.</param>
/// <param name="CalibrationError">Expected calibration error, in [0, 1] (Guo and others 2017), 15 bins of equal width.</param>
internal readonly record struct PairMetrics(long Pairs, double Accuracy, double LogLoss, double CalibrationError)
{
    /// <summary>Of given comparisons.</summary>
    /// <param name="logits">x = r[a] − r[b] of each, finite; P(a is preferred) = σ(x).</param>
    /// <param name="labels">Preference for a, in [0, 1]: 1 or 0 for a choice, ½ for a tie, between them a soft label.</param>
    /// <exception cref="ArgumentException">The lengths differ, a logit is not finite or a label outside [0, 1] by more than rounding,
    /// 1e-5.</exception>
    public static PairMetrics Measure(ReadOnlySpan<double> logits, ReadOnlySpan<double> labels)
    {
        Check.SameLength(logits.Length, labels.Length);
        Check.Finite(logits, nameof(logits));
        Check.NoNaN(labels, nameof(labels));
        var tally = new PairTally();
        for (int i = 0; i < logits.Length; i++)
        {
            double label = Math.Clamp(labels[i], 0, 1);
            if (Math.Abs(label - labels[i]) > Comparison.LabelRounding)
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"labels[{i}] is {labels[i]}, expected a number from 0 to 1."), nameof(labels));
            }

            tally.Add(logits[i], label, 1 - label, label.CompareTo(0.5));
        }

        return tally.Result();
    }
}
