namespace FisherKernels.Learning.Metrics;

/// <summary>Golden reward of the response that the model likes best among N drawn (MATH.md §7).</summary>
/// <remarks>
/// Averaged over all C(K, N) draws in closed form: with the K responses of a prompt sorted by prediction, best first, the
/// j-th wins with probability C(K−1−j, N−1)/C(K, N). Equal predictions share what their places win equally: the average
/// over every order of them, so that the order of a file counts for nothing. With fewer than N responses all are drawn.
/// </remarks>
internal static class BestOfN
{
    private const double LargeReward = 1e290, Unit = 1L << 60;

    /// <summary>
    /// The paper's N that a prompt with <paramref name="responses"/> responses has room for: 5, 10, 30, 50, 100, 300, 500 up to it; it
    /// alone where even 5 is too many.
    /// </summary>
    public static int[] Sizes(int responses)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(responses);
        ReadOnlySpan<int> paper = [5, 10, 30, 50, 100, 300, 500];
        int fitting = 0;
        while (fitting < paper.Length && paper[fitting] <= responses)
        {
            fitting++;
        }

        return fitting == 0 ? [responses] : paper[..fitting].ToArray();
    }

    /// <summary>Expected golden reward on one prompt.</summary>
    /// <param name="predicted">Predicted rewards of its responses, at least one; infinities are ranked like any other.</param>
    /// <param name="golden">Golden rewards in the same order, finite.</param>
    /// <param name="n">Responses drawn without replacement, ≥ 1.</param>
    /// <exception cref="ArgumentException">The lengths differ or are 0, a prediction is NaN or a golden reward not finite.</exception>
    public static double Expected(ReadOnlySpan<double> predicted, ReadOnlySpan<double> golden, int n) =>
        MeanExpected(predicted, golden, predicted.Length, [n])[0];

    /// <inheritdoc cref="Expected(ReadOnlySpan{double}, ReadOnlySpan{double}, int)"/>
    public static double Expected(ReadOnlySpan<float> predicted, ReadOnlySpan<float> golden, int n) =>
        Expected(Check.Widen(predicted), Check.Widen(golden), n);

    /// <summary>Expected golden reward for each N, averaged over prompts.</summary>
    /// <param name="predicted">Predicted rewards, prompt after prompt, at least one prompt.</param>
    /// <param name="golden">Golden rewards in the same order.</param>
    /// <param name="responses">Responses of each prompt.</param>
    /// <param name="sizes">The N, each ≥ 1.</param>
    /// <exception cref="ArgumentException">
    /// The lengths differ, are 0 or no multiple of <paramref name="responses"/>, a prediction is NaN or a golden reward not finite.
    /// </exception>
    public static double[] MeanExpected(
        ReadOnlySpan<double> predicted, ReadOnlySpan<double> golden, int responses, params ReadOnlySpan<int> sizes)
    {
        int prompts = Check.Prompts(predicted.Length, golden.Length, responses);
        ArgumentOutOfRangeException.ThrowIfZero(prompts, nameof(predicted));
        RequireUsable(predicted, golden, sizes);
        golden = Scaled(golden, out double unit);
        var mean = new double[sizes.Length];
        for (int prompt = 0; prompt < prompts; prompt++)
        {
            Sorted sorted = new(predicted.Slice(prompt * responses, responses));
            for (int s = 0; s < sizes.Length; s++)
            {
                mean[s] += sorted.Expect(golden.Slice(prompt * responses, responses), Math.Min(sizes[s], responses));
            }
        }

        for (int s = 0; s < sizes.Length; s++)
        {
            mean[s] = mean[s] / prompts * unit;
        }

        return mean;
    }

    /// <summary>Expected golden reward for each N, averaged over the prompts that have N responses; NaN where none has.</summary>
    /// <param name="predicted">Predicted rewards, prompt after prompt.</param>
    /// <param name="golden">Golden rewards in the same order.</param>
    /// <param name="responses">Responses of every prompt, ≥ 0 each.</param>
    /// <param name="sizes">The N, each ≥ 1.</param>
    internal static double[] MeanOfPrompts(
        ReadOnlySpan<double> predicted, ReadOnlySpan<double> golden, ReadOnlySpan<int> responses, ReadOnlySpan<int> sizes)
    {
        RequireUsable(predicted, golden, sizes);
        golden = Scaled(golden, out double unit);
        var mean = new double[sizes.Length];
        var counted = new int[sizes.Length];
        int start = 0;
        foreach (int count in responses)
        {
            Sorted prompt = new(predicted.Slice(start, count));
            for (int s = 0; s < sizes.Length; s++)
            {
                if (count >= sizes[s])
                {
                    mean[s] += prompt.Expect(golden.Slice(start, count), sizes[s]);
                    counted[s]++;
                }
            }

            start += count;
        }

        for (int s = 0; s < sizes.Length; s++)
        {
            mean[s] = counted[s] == 0 ? double.NaN : mean[s] / counted[s] * unit;
        }

        return mean;
    }

    /// <inheritdoc cref="MeanExpected(ReadOnlySpan{double}, ReadOnlySpan{double}, int, ReadOnlySpan{int})"/>
    public static double[] MeanExpected(
        ReadOnlySpan<float> predicted, ReadOnlySpan<float> golden, int responses, params ReadOnlySpan<int> sizes) =>
        MeanExpected(Check.Widen(predicted), Check.Widen(golden), responses, sizes);

    // Sums of the largest float64 overflow though their mean does not: a power of two is taken out of them first, without rounding.
    private static ReadOnlySpan<double> Scaled(ReadOnlySpan<double> golden, out double unit)
    {
        unit = 1;
        foreach (double reward in golden)
        {
            unit = Math.Abs(reward) > LargeReward ? Unit : unit;
        }

        if (unit == 1)
        {
            return golden;
        }

        var scaled = new double[golden.Length];
        for (int i = 0; i < scaled.Length; i++)
        {
            scaled[i] = golden[i] / unit;
        }

        return scaled;
    }

    private static void RequireUsable(ReadOnlySpan<double> predicted, ReadOnlySpan<double> golden, ReadOnlySpan<int> sizes)
    {
        Check.NoNaN(predicted, nameof(predicted));
        Check.Finite(golden, nameof(golden));
        foreach (int n in sizes)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n, nameof(sizes));
        }
    }

    /// <summary>The responses of a prompt, best predicted first.</summary>
    private readonly ref struct Sorted
    {
        private readonly double[] _keys;
        private readonly int[] _order;

        public Sorted(ReadOnlySpan<double> predicted)
        {
            _keys = new double[predicted.Length];
            _order = new int[predicted.Length];
            for (int i = 0; i < _order.Length; i++)
            {
                (_keys[i], _order[i]) = (-predicted[i], i);
            }

            // The framework's sort is not stable: equal keys are put back into the order of their numbers, so that their sum is always one.
            _keys.AsSpan().Sort(_order.AsSpan());
            for (int first = 0, next; first < _order.Length; first = next)
            {
                for (next = first + 1; next < _order.Length && _keys[next] == _keys[first]; next++)
                {
                }

                _order.AsSpan(first, next - first).Sort();
            }
        }

        public double Expect(ReadOnlySpan<double> golden, int n)
        {
            int k = _order.Length;
            double sum = 0, probability = (double)n / k;
            for (int first = 0, next; first <= k - n; first = next)
            {
                double together = 0, rewards = 0;
                for (next = first; next < k && _keys[next] == _keys[first]; next++)
                {
                    together += probability;
                    rewards += golden[_order[next]];

                    // C(K−2−j, N−1) / C(K−1−j, N−1); 0 from the place K − N on, where too few are left behind to draw.
                    probability *= (double)Math.Max(k - n - next, 0) / Math.Max(k - 1 - next, 1);
                }

                sum += together * (rewards / (next - first));
            }

            return sum;
        }
    }
}
