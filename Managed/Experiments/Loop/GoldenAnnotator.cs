using System.Globalization;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;

namespace FisherKernels.Experiments.Loop;

/// <summary>Answers from a golden reward r*: the first wins with probability σ(r*[a] − r*[b]) (paper, eq. 1), or simply where r*[a]
/// &gt; r*[b].</summary>
/// <remarks>
/// A draw belongs to the seed and the pair, not to when it is asked: two strategies that ask the same pair get the same
/// answer, so that a difference between them comes from what they asked. The same pair asked the other way round gets the
/// turned answer.
/// </remarks>
/// <param name="rewards">r* [R], one for each row of the pool.</param>
/// <param name="seed">Of the draws.</param>
/// <param name="noise">Whether answers are drawn; without, the larger reward wins and equal ones give ½.</param>
public sealed class GoldenAnnotator(IReadOnlyList<double> rewards, int seed, AnswerNoise noise = AnswerNoise.BradleyTerry) : IAnnotator
{
    // What the stream of draws is for: part of its name, beside the purposes of the learner's own streams.
    private const int Purpose = 6;

    /// <summary>Answers from golden rewards of float32, which are taken as float64.</summary>
    /// <inheritdoc cref="GoldenAnnotator(IReadOnlyList{double}, int, AnswerNoise)"/>
    public GoldenAnnotator(IReadOnlyList<float> rewards, int seed, AnswerNoise noise = AnswerNoise.BradleyTerry)
        : this((double[])[.. rewards.Select(reward => (double)reward)], seed, noise)
    {
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Comparison>> CompareAsync(IReadOnlyList<Pair> pairs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<Comparison>>([.. pairs.Select(pair => new Comparison(pair, Answer(pair)))]);
    }

    private float Answer(Pair pair)
    {
        if ((uint)pair.First >= (uint)rewards.Count || (uint)pair.Second >= (uint)rewards.Count)
        {
            throw new InputException($"Pair ({pair.First}, {pair.Second}) has no golden reward; there are {rewards.Count}.");
        }

        // Two finite rewards may lie so far apart that their difference is infinite: the answer is certain, as it is long before.
        double x = rewards[pair.First] - rewards[pair.Second];
        if (!double.IsFinite(rewards[pair.First]) || !double.IsFinite(rewards[pair.Second]))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"The golden rewards of pair ({pair.First}, {pair.Second}) are {rewards[pair.First]} and {rewards[pair.Second]}; both "
                + $"must be finite."));
        }

        if (noise == AnswerNoise.None)
        {
            return x > 0 ? 1 : x < 0 ? 0 : 0.5f;
        }

        // Drawn for the ascending pair: which of the two stands first is no other question.
        bool turned = pair.First > pair.Second;
        int least = Math.Min(pair.First, pair.Second), largest = Math.Max(pair.First, pair.Second);
        bool leastWins = new SeededRandom(seed, Purpose, least, largest)
            .NextUniform() < Comparison.WinProbability(turned ? -x : x);
        return leastWins == turned ? 0 : 1;
    }
}
