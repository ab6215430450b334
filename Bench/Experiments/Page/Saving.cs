using FisherKernels.Experiments.Runs;
using FisherKernels.Learning;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>What a strategy needs to reach what random reaches at the end.</summary>
/// <param name="Needed">Annotations; infinite where it never gets there.</param>
/// <param name="Percent">Share of random's annotations saved, in per cent; −∞ where it never gets there.</param>
/// <param name="Low">2.5th percentile over resampled seeds.</param>
/// <param name="High">97.5th percentile.</param>
/// <param name="Seeds">Seeds that both have.</param>
internal sealed record Saving(double Needed, double Percent, double Low, double High, int Seeds)
{
    private const int Resamples = 2000, ResampleStream = 121;

    /// <summary>Of a strategy beside random.</summary>
    /// <remarks>
    /// The target is random's mean 1 − ρ after its last round, the curve the strategy's mean, straight between rounds. For the
    /// interval, seeds are
    /// drawn with replacement, the same ones for both.
    /// </remarks>
    public static Saving Of(Paired paired)
    {
        (IReadOnlyList<(KeptCell Random, KeptCell Own)> cells, int rounds) = paired;
        double[] labels = [.. cells[0].Own.Rounds.Take(rounds).Select(round => (double)round.Labels)];
        double asked = cells[0].Random.Rounds[rounds - 1].Labels;
        double needed = NeededBy([.. Enumerable.Range(0, cells.Count)]);
        var random = new SeededRandom(1, ResampleStream);
        double[] percents = [.. Enumerable.Range(0, Resamples)
            .Select(_ => Percent(NeededBy([.. cells.Select(_ => random.NextBelow(cells.Count))])))
            .ToArray()
            .Order()];
        bool single = cells.Count == 1;
        return new Saving(
            needed,
            Percent(needed),
            single ? double.NaN : percents[(int)(0.025 * (Resamples - 1))],
            single ? double.NaN : percents[(int)Math.Ceiling(0.975 * (Resamples - 1))],
            cells.Count);

        double NeededBy(int[] drawn)
        {
            double target = drawn.Average(j => cells[j].Random.Rounds[rounds - 1].Evaluation.OneMinusSpearman);
            return Reach(
                labels, [.. Enumerable.Range(0, rounds)
                    .Select(round => drawn.Average(j => cells[j].Own.Rounds[round].Evaluation.OneMinusSpearman))], target);
        }

        double Percent(double labelsNeeded) => double.IsInfinity(labelsNeeded) ? double.NegativeInfinity : 100 * (1 - labelsNeeded / asked);
    }

    /// <summary>Where a falling curve, straight between its points, first is at a target or below; infinite where it never is.</summary>
    public static double Reach(ReadOnlySpan<double> labels, ReadOnlySpan<double> curve, double target)
    {
        for (int j = 0; j < curve.Length; j++)
        {
            if (curve[j] <= target)
            {
                return j == 0
                    ? labels[0]
                    : labels[j - 1] + (labels[j] - labels[j - 1]) * (curve[j - 1] - target) / (curve[j - 1] - curve[j]);
            }
        }

        return double.PositiveInfinity;
    }
}
