namespace FisherKernels.Learning.Metrics;

/// <summary>Spearman's rank correlation, right with ties (MATH.md §7).</summary>
/// <remarks>
/// Equal values share the average of their ranks, and Pearson's correlation is taken of the ranks. The shortcut
/// 1 − 6Σd²/(n(n² − 1)) is another number as soon as there is a tie.
/// </remarks>
internal static class RankCorrelation
{
    /// <summary>ρ of two lists, in [−1, 1]; NaN where one of them is constant or shorter than two.</summary>
    /// <param name="x">n values; infinities are ranked like any other.</param>
    /// <param name="y">n values.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Check.SameLength(x.Length, y.Length);
        Check.NoNaN(x, nameof(x));
        Check.NoNaN(y, nameof(y));
        return new Ranker(x.Length).Correlate(x, y);
    }

    /// <inheritdoc cref="Spearman(ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    public static double Spearman(ReadOnlySpan<float> x, ReadOnlySpan<float> y) => Spearman(Check.Widen(x), Check.Widen(y));

    /// <summary>
    /// ρ within each prompt, averaged over the prompts whose golden rewards are not all equal; NaN where there is no such prompt.
    /// </summary>
    /// <remarks>
    /// A prompt whose golden rewards are constant has no order to be found and is left out. Constant predictions on any
    /// other prompt rank nothing and count 0, so that a model cannot gain by saying the same of everything.
    /// </remarks>
    /// <param name="predicted">Predicted rewards, prompt after prompt.</param>
    /// <param name="golden">Golden rewards in the same order.</param>
    /// <param name="responses">Responses of each prompt.</param>
    /// <exception cref="ArgumentException">
    /// The lengths differ or are no multiple of <paramref name="responses"/>, or a value is NaN.
    /// </exception>
    public static double MeanSpearman(ReadOnlySpan<double> predicted, ReadOnlySpan<double> golden, int responses)
    {
        int prompts = Check.Prompts(predicted.Length, golden.Length, responses);
        var sizes = new int[prompts];
        sizes.AsSpan().Fill(responses);
        return MeanOfPrompts(predicted, golden, sizes);
    }

    /// <summary>ρ within each of the prompts of any sizes, averaged in the same way.</summary>
    /// <param name="predicted">Predicted rewards, prompt after prompt.</param>
    /// <param name="golden">Golden rewards in the same order.</param>
    /// <param name="responses">Responses of every prompt, ≥ 0 each.</param>
    internal static double MeanOfPrompts(ReadOnlySpan<double> predicted, ReadOnlySpan<double> golden, ReadOnlySpan<int> responses)
    {
        Check.NoNaN(predicted, nameof(predicted));
        Check.NoNaN(golden, nameof(golden));
        double sum = 0;
        int counted = 0, start = 0;
        foreach (int count in responses)
        {
            ReadOnlySpan<double> truth = golden.Slice(start, count);
            if (count > 0 && truth.ContainsAnyExcept(truth[0]))
            {
                double rho = new Ranker(count).Correlate(predicted.Slice(start, count), truth);
                sum += double.IsNaN(rho) ? 0 : rho;
                counted++;
            }

            start += count;
        }

        return counted == 0 ? double.NaN : sum / counted;
    }

    /// <inheritdoc cref="MeanSpearman(ReadOnlySpan{double}, ReadOnlySpan{double}, int)"/>
    public static double MeanSpearman(ReadOnlySpan<float> predicted, ReadOnlySpan<float> golden, int responses) =>
        MeanSpearman(Check.Widen(predicted), Check.Widen(golden), responses);

    /// <summary>Scratch for lists of one length.</summary>
    private readonly ref struct Ranker(int n)
    {
        private readonly double[] _sorted = new double[n];
        private readonly int[] _order = new int[n];
        private readonly double[] _rankX = new double[n];
        private readonly double[] _rankY = new double[n];

        public double Correlate(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
        {
            Rank(x, _rankX);
            Rank(y, _rankY);
            double xx = 0, yy = 0, xy = 0;
            for (int i = 0; i < x.Length; i++)
            {
                xx += _rankX[i] * _rankX[i];
                yy += _rankY[i] * _rankY[i];
                xy += _rankX[i] * _rankY[i];
            }

            return xx == 0 || yy == 0 ? double.NaN : Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
        }

        // Twice the average rank less its mean, n − 1: whole numbers, so constancy is exactly 0 and the sums are exact for n < 10⁵.
        private void Rank(ReadOnlySpan<double> values, double[] rank)
        {
            values.CopyTo(_sorted);
            for (int i = 0; i < _order.Length; i++)
            {
                _order[i] = i;
            }

            _sorted.AsSpan().Sort(_order.AsSpan());
            for (int first = 0, next; first < _order.Length; first = next)
            {
                for (next = first + 1; next < _order.Length && _sorted[next] == _sorted[first]; next++)
                {
                }

                for (int i = first; i < next; i++)
                {
                    rank[_order[i]] = first + next - _order.Length;
                }
            }
        }
    }
}
