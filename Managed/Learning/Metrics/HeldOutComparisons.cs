using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Metrics;

/// <summary>A fixed set of test comparisons, so that every round and every strategy is measured on the same pairs.</summary>
internal sealed class HeldOutComparisons
{
    // Names this use's own stream of random numbers.
    private const int Purpose = 0x48454C44;

    private readonly Pair[] _pairs;

    private HeldOutComparisons(Pair[] pairs, int rows) => (_pairs, Rows) = (pairs, rows);

    /// <summary>
    /// The pairs, ordered by prompt, then by first and second response, First &lt; Second; row numbers count responses prompt after
    /// prompt.
    /// </summary>
    public ReadOnlySpan<Pair> Pairs => _pairs;

    /// <summary>Responses of all prompts together: the length of what is measured.</summary>
    public int Rows { get; }

    /// <summary>Pairs that there are within the prompts, drawn or not.</summary>
    public long AllPairs { get; private init; }

    /// <summary>
    /// Draws pairs within each prompt, none twice: all of them where there are no more than <paramref name="perPrompt"/>.
    /// </summary>
    /// <param name="prompts">Number of prompts, ≥ 0.</param>
    /// <param name="responses">Responses of each, ≥ 1.</param>
    /// <param name="seed">Same seed, same pairs.</param>
    /// <param name="perPrompt">At most so many of a prompt, ≥ 1.</param>
    /// <exception cref="ArgumentException">A number out of range, or more than 2³¹ − 1 rows or pairs in all.</exception>
    public static HeldOutComparisons Draw(int prompts, int responses, int seed, int perPrompt = 2000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prompts);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(responses);
        if ((long)prompts * responses > Array.MaxLength)
        {
            throw new ArgumentException($"{prompts} prompts with {responses} responses each are too many.", nameof(prompts));
        }

        var sizes = new int[prompts];
        sizes.AsSpan().Fill(responses);
        return Draw(sizes, seed, perPrompt);
    }

    /// <summary>Draws pairs within prompts of any sizes, none twice: all of a prompt where there are no more than
    /// <paramref name="perPrompt"/>.</summary>
    /// <param name="responses">Responses of every prompt, ≥ 0 each.</param>
    /// <param name="seed">Same seed, same pairs.</param>
    /// <param name="perPrompt">At most so many of a prompt, ≥ 1.</param>
    /// <exception cref="ArgumentException">A number out of range, or more than 2³¹ − 1 rows or pairs in all.</exception>
    public static HeldOutComparisons Draw(IReadOnlyList<int> responses, int seed, int perPrompt = 2000)
    {
        ArgumentNullException.ThrowIfNull(responses);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perPrompt);
        long rows = 0, total = 0, allPairs = 0;
        foreach (int count in responses)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(responses));
            long all = (long)count * (count - 1) / 2;
            (rows, total, allPairs) = (rows + count, total + Math.Min(all, perPrompt), allPairs + all);
        }

        if (Math.Max(rows, total) > Array.MaxLength)
        {
            throw new ArgumentException(
                $"{responses.Count} prompts with {rows} responses and {total} comparisons are too many.", nameof(responses));
        }

        var pairs = new Pair[total];
        var drawn = new HashSet<long>();
        int at = 0, start = 0;
        for (int prompt = 0; prompt < responses.Count; prompt++)
        {
            int count = responses[prompt];
            long all = (long)count * (count - 1) / 2;
            var numbers = new long[Math.Min(all, perPrompt)];
            DrawNumbers(new SeededRandom(seed, Purpose, prompt), all, drawn, numbers);
            int row = 0;
            long first = 0;
            foreach (long number in numbers)
            {
                // Pair number `first` is (row, row + 1); each row has one pair less than the one before.
                while (number >= first + count - 1 - row)
                {
                    first += count - 1 - row++;
                }

                pairs[at++] = new(start + row, start + row + 1 + (int)(number - first));
            }

            start += count;
        }

        return new(pairs, (int)rows) { AllPairs = allPairs };
    }

    /// <summary>
    /// Against soft labels, σ of the difference of golden rewards: the chance that a Bradley–Terry annotator prefers the first.
    /// </summary>
    /// <param name="predicted">Predicted rewards, prompt after prompt, finite.</param>
    /// <param name="golden">Golden rewards in the same order, finite.</param>
    /// <exception cref="ArgumentException">Another length than <see cref="Rows"/>, or a value that is not finite.</exception>
    public PairMetrics Measure(ReadOnlySpan<float> predicted, ReadOnlySpan<double> golden)
    {
        RequireRewards(predicted, golden);
        var tally = new PairTally();
        foreach (Pair pair in _pairs)
        {
            double gap = golden[pair.First] - golden[pair.Second];
            tally.Add((double)predicted[pair.First] - predicted[pair.Second], Logit.Probability(gap), Logit.Probability(-gap),
                Math.Sign(gap));
        }

        return tally.Result();
    }

    /// <summary>Against hard labels: 1 where the first has the larger golden reward, 0 where the second has, ½ for a tie.</summary>
    /// <param name="predicted">Predicted rewards, prompt after prompt, finite.</param>
    /// <param name="golden">Golden rewards in the same order, finite.</param>
    /// <exception cref="ArgumentException">Another length than <see cref="Rows"/>, or a value that is not finite.</exception>
    public PairMetrics MeasureWinners(ReadOnlySpan<float> predicted, ReadOnlySpan<double> golden)
    {
        RequireRewards(predicted, golden);
        var tally = new PairTally();
        foreach (Pair pair in _pairs)
        {
            int winner = golden[pair.First].CompareTo(golden[pair.Second]);
            tally.Add((double)predicted[pair.First] - predicted[pair.Second], 0.5 + 0.5 * winner, 0.5 - 0.5 * winner, winner);
        }

        return tally.Result();
    }

    /// <inheritdoc cref="Measure(ReadOnlySpan{float}, ReadOnlySpan{double})"/>
    public PairMetrics Measure(ReadOnlySpan<float> predicted, ReadOnlySpan<float> golden) => Measure(predicted, Check.Widen(golden));

    /// <inheritdoc cref="MeasureWinners(ReadOnlySpan{float}, ReadOnlySpan{double})"/>
    public PairMetrics MeasureWinners(ReadOnlySpan<float> predicted, ReadOnlySpan<float> golden) =>
        MeasureWinners(predicted, Check.Widen(golden));

    private void RequireRewards(ReadOnlySpan<float> predicted, ReadOnlySpan<double> golden)
    {
        if (predicted.Length != Rows || golden.Length != Rows)
        {
            throw new ArgumentException(
                $"{predicted.Length} predicted and {golden.Length} golden rewards were given, expected {Rows} of each.");
        }

        Check.Finite(predicted, nameof(predicted));
        Check.Finite(golden, nameof(golden));
    }

    // Floyd's sampling without replacement (Bentley and Floyd 1987), then ascending.
    private static void DrawNumbers(SeededRandom random, long all, HashSet<long> drawn, long[] numbers)
    {
        drawn.Clear();
        for (int i = 0; i < numbers.Length; i++)
        {
            long last = all - numbers.Length + i, candidate = random.NextBelow(last + 1);
            if (!drawn.Add(candidate))
            {
                drawn.Add(candidate = last);
            }

            numbers[i] = candidate;
        }

        numbers.AsSpan().Sort();
    }
}
