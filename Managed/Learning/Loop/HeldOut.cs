using FisherKernels.Kernels;
using FisherKernels.Learning.Metrics;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Loop;

/// <summary>Held-out prompts with golden rewards: what every round of every strategy is measured on.</summary>
public sealed class HeldOut
{
    private readonly EmbeddingPool _pool;
    private readonly float[] _golden;
    private readonly AnswerNoise _noise;
    private readonly HeldOutComparisons _comparisons;
    private readonly int _responses;

    /// <summary>For a pool with the same number of responses for each prompt, prompt after prompt.</summary>
    /// <param name="pool">Test responses; stays the caller's.</param>
    /// <param name="golden">r* [R].</param>
    /// <param name="noise">Whether labels are taken as draws from σ(r*[a] − r*[b]) (their log-loss is the expected one) or as the winner.</param>
    /// <exception cref="InputException">Prompts of different sizes, another number of rewards, or none.</exception>
    public HeldOut(EmbeddingPool pool, float[] golden, AnswerNoise noise = AnswerNoise.BradleyTerry)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(golden);
        if (pool.Responses == 0 || golden.Length != pool.Responses)
        {
            throw new InputException($"There are {pool.Responses} test responses and {golden.Length} golden rewards; expected as many, and at least one.");
        }

        _responses = pool.Responses / pool.Prompts;
        for (int prompt = 0; prompt < pool.Prompts; prompt++)
        {
            ReadOnlySpan<int> rows = pool.ResponsesOf(prompt);
            if (rows.Length != _responses || rows[0] != prompt * _responses || rows[^1] != rows[0] + _responses - 1)
            {
                throw new InputException($"Test prompt {prompt} has {rows.Length} responses, expected {_responses} for every prompt, prompt after prompt.");
            }
        }

        (_pool, _golden, _noise) = (pool, golden, noise);

        // The pairs are the same for every seed of a run: seeds differ in what they learn, not in what they are asked.
        _comparisons = HeldOutComparisons.Draw(pool.Prompts, _responses, Purpose.HeldOut);
        BestOfSizes = BestOfN.Sizes(_responses);
    }

    /// <summary>The N of <see cref="Evaluation.BestOfN"/>.</summary>
    public IReadOnlyList<int> BestOfSizes { get; }

    /// <summary>Scores every response and measures.</summary>
    /// <exception cref="InputException">A reward is not finite.</exception>
    public Evaluation Evaluate(Backend backend, BradleyTerryMlp model, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        int[] rows = [.. Enumerable.Range(0, _pool.Responses)];
        float[] predicted = model.Score(backend, _pool, rows, cancellation);
        int broken = Array.FindIndex(predicted, reward => !float.IsFinite(reward));
        return broken < 0
            ? Measure(predicted)
            : throw new InputException(FormattableString.Invariant(
                $"{_pool.Name}: the model gives row {broken} ({_pool.Place(broken)}) the reward {predicted[broken]}: the embeddings are too large for it, or it is damaged. Scale the embeddings, or train on them standardised."));
    }

    /// <summary>Measures predictions.</summary>
    /// <param name="predicted">r [R].</param>
    public Evaluation Measure(float[] predicted)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        PairMetrics pairs = _noise == AnswerNoise.None
            ? _comparisons.MeasureWinners(predicted, _golden)
            : _comparisons.Measure(predicted, _golden);
        return new Evaluation(
            RankCorrelation.MeanSpearman(predicted, _golden, _responses),
            BestOfN.MeanExpected(predicted, _golden, _responses, (int[])BestOfSizes),
            pairs.Accuracy,
            pairs.LogLoss,
            pairs.CalibrationError);
    }
}

/// <summary>How good a model is on held-out prompts (MATH.md §7).</summary>
/// <param name="Spearman">ρ within prompts, averaged over them, in [−1, 1].</param>
/// <param name="BestOfN">Expected golden reward of the best of N, for each N of <see cref="HeldOut.BestOfSizes"/>.</param>
/// <param name="Accuracy">Share of held-out comparisons whose winner is predicted.</param>
/// <param name="LogLoss">Mean cross-entropy of their labels, in nats.</param>
/// <param name="CalibrationError">Expected calibration error, in [0, 1].</param>
public sealed record Evaluation(double Spearman, double[] BestOfN, double Accuracy, double LogLoss, double CalibrationError)
{
    /// <summary>1 − ρ, the paper's measure; 0 is perfect, 1 is chance.</summary>
    public double OneMinusSpearman => 1 - Spearman;
}
