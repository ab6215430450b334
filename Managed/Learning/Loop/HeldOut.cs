using FisherKernels.Kernels;
using FisherKernels.Learning.Metrics;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Loop;

/// <summary>Held-out prompts with golden rewards: what every round of every strategy is measured on.</summary>
public sealed class HeldOut
{
    private readonly EmbeddingPool _pool;
    private readonly int[] _order, _sizes;   // rows prompt after prompt, and how many each prompt has
    private readonly double[] _golden;       // in that order
    private readonly bool _isExact;
    private readonly HeldOutComparisons _comparisons;

    /// <summary>For a pool of prompts of any sizes, their rows in any order.</summary>
    /// <param name="pool">Test responses; stays the caller's.</param>
    /// <param name="golden">r* [R], in the order of the pool, finite.</param>
    /// <param name="isExact">Whether the larger golden reward wins in every label; otherwise labels are draws from σ(r*[a] − r*[b]), and
    /// their log-loss is the expected one.</param>
    /// <param name="bestOf">The N of <see cref="Evaluation.BestOfN"/>; the paper's that the largest prompt has room for when left
    /// out.</param>
    /// <exception cref="InputException">Another number of rewards than of responses, none, one that is not finite, or an N that no prompt
    /// has responses for.</exception>
    public HeldOut(
        EmbeddingPool pool, IReadOnlyList<double> golden, bool isExact = false, IReadOnlyList<int>? bestOf = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(golden);
        if (pool.Responses == 0 || golden.Count != pool.Responses)
        {
            throw new InputException(
                $"There are {pool.Responses} test responses and {golden.Count} golden rewards; expected as many, and at least one.");
        }

        for (int row = 0; row < golden.Count; row++)
        {
            if (!double.IsFinite(golden[row]))
            {
                throw new InputException(FormattableString.Invariant(
                    $"The golden reward of test row {row} ({pool.Place(row)}) is {golden[row]}; rewards must be finite."));
            }
        }

        (_pool, _isExact) = (pool, isExact);
        _sizes = [.. Enumerable.Range(0, pool.Prompts).Select(prompt => pool.ResponsesOf(prompt).Length)];
        _order = [.. Enumerable.Range(0, pool.Prompts).SelectMany(prompt => pool.ResponsesOf(prompt).ToArray())];
        _golden = [.. _order.Select(row => golden[row])];

        // The pairs are the same for every seed of a run: seeds differ in what they learn, not in what they are asked.
        _comparisons = HeldOutComparisons.Draw(_sizes, Purpose.HeldOut);
        int largest = _sizes.Max();
        BestOfSizes = [.. bestOf ?? BestOfN.Sizes(largest)];
        foreach (int n in BestOfSizes)
        {
            if (n < 1 || n > largest)
            {
                throw new InputException(
                    $"The best of {n} is asked for; it must be at least 1, and the largest test prompt has {largest} responses.");
            }
        }

        BestOfPrompts = [.. BestOfSizes.Select(n => _sizes.Count(size => size >= n))];
    }

    /// <summary>For golden rewards of float32, which are taken as float64.</summary>
    /// <inheritdoc cref="HeldOut(EmbeddingPool, IReadOnlyList{double}, bool, IReadOnlyList{int})"/>
    public HeldOut(
        EmbeddingPool pool, IReadOnlyList<float> golden, bool isExact = false, IReadOnlyList<int>? bestOf = null)
        : this(pool, (double[])[.. golden.Select(reward => (double)reward)], isExact, bestOf)
    {
    }

    /// <summary>The N of <see cref="Evaluation.BestOfN"/>.</summary>
    public IReadOnlyList<int> BestOfSizes { get; }

    /// <summary>For each N, the prompts that have N responses and are averaged over.</summary>
    public IReadOnlyList<int> BestOfPrompts { get; }

    /// <summary>Comparisons that accuracy, log-loss and calibration error are of.</summary>
    public int Pairs => _comparisons.Pairs.Length;

    /// <summary>Comparisons that there are within the prompts; where there are more than <see cref="Pairs"/>, those are a sample.</summary>
    public long AllPairs => _comparisons.AllPairs;

    /// <summary>Scores every response and measures.</summary>
    /// <exception cref="InputException">A reward is not finite.</exception>
    public Evaluation Evaluate(Backend backend, BradleyTerryMlp model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Measure(model.FiniteScore(backend, _pool, [.. Enumerable.Range(0, _pool.Responses)], cancellationToken));
    }

    /// <summary>Measures predictions.</summary>
    /// <param name="predicted">r [R], in the order of the pool.</param>
    public Evaluation Measure(float[] predicted)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        if (predicted.Length != _order.Length)
        {
            throw new ArgumentException($"predicted has {predicted.Length} rewards, expected {_order.Length}.", nameof(predicted));
        }

        float[] ordered = [.. _order.Select(row => predicted[row])];
        double[] wide = Check.Widen(ordered);
        PairMetrics pairs = _isExact
            ? _comparisons.MeasureWinners(ordered, _golden)
            : _comparisons.Measure(ordered, _golden);
        return new Evaluation(
            RankCorrelation.MeanOfPrompts(wide, _golden, _sizes),
            BestOfN.MeanOfPrompts(wide, _golden, _sizes, [.. BestOfSizes]),
            pairs.Accuracy,
            pairs.LogLoss,
            pairs.CalibrationError);
    }
}

/// <summary>How good a model is on held-out prompts (MATH.md §7). A number is NaN where nothing can be counted for it.</summary>
/// <param name="Spearman">ρ within prompts, averaged over them, in [−1, 1]; NaN where no prompt's golden rewards differ.</param>
/// <param name="BestOfN">Expected golden reward of the best of N, for each N of <see cref="HeldOut.BestOfSizes"/>.</param>
/// <param name="Accuracy">Share of held-out comparisons whose winner is predicted.</param>
/// <param name="LogLoss">Mean cross-entropy of their labels, in nats.</param>
/// <param name="CalibrationError">Expected calibration error, in [0, 1].</param>
public sealed record Evaluation(double Spearman, double[] BestOfN, double Accuracy, double LogLoss, double CalibrationError)
{
    /// <summary>1 − ρ, the paper's measure; 0 is perfect, 1 is chance.</summary>
    public double OneMinusSpearman => 1 - Spearman;
}
