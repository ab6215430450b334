using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>BatchBALD: pairs whose answers together say most about the head, taken greedily by what each adds (MATH.md §4; Kirsch, van Amersfoort and Gal 2019).</summary>
/// <remarks>
/// A pair's twin adds next to nothing, which BALD does not see. What is exact and what is not:
/// <list type="bullet">
/// <item>Joint outcomes are enumerated up to 1,024 of them, ten pairs that are all open; after that 256 sampled ones are carried
/// along (<see cref="JointOutcomes"/>).</item>
/// <item>Evaluation is lazy: a pair is looked at again only when what it added earlier would win (Minoux 1978), and then first through
/// a bound from the outcomes' covariance (<see cref="JointOutcomes.GainAtMost"/>). With enumerated outcomes that
/// is exact, information given the draws being submodular; with sampled ones the earlier gain is a bound in the mean.</item>
/// <item>S draws cannot be told apart by more than log S nats, and long before that the estimate sags. When a batch has taken half
/// of it, S fresh ones are drawn from the posterior with the chosen pairs' information added: the next pairs are again
/// chosen for what those before them leave open, now in the Laplace approximation instead of outcome by outcome. A posterior that cannot add it starts
/// again with the draws it had.</item>
/// </list>
/// The values of a batch are what each pair adds, in nats; the scores alone are BALD's.
/// </remarks>
/// <param name="posterior">What is drawn from.</param>
/// <param name="samples">S ≥ 2, draws where they are made; a context whose draws are given has as many as it has.</param>
public sealed class BatchBaldAcquisition(IPosterior posterior, int samples = 64) : IBatchAcquisition
{
    internal const int ExactRows = 1024, SampledRows = 256;

    private readonly BaldAcquisition _alone = new(posterior, samples);

    /// <inheritdoc/>
    public string Name => posterior is LaplacePosterior ? "batchbald" : "batchbald-" + posterior.Name;

    /// <inheritdoc/>
    public string Description => posterior is LaplacePosterior
        ? "pairs whose answers together tell most of the model's posterior" : $"the same by {posterior.Name} draws";

    /// <inheritdoc/>
    public bool NeedsRewards => posterior is not DropoutPosterior;

    /// <inheritdoc/>
    public bool NeedsPast => posterior.NeedsPast;

    /// <inheritdoc/>
    public bool NeedsRidge => posterior is not DropoutPosterior;

    /// <inheritdoc/>
    public bool NeedsDropout => posterior is DropoutPosterior;

    /// <inheritdoc/>
    public PrecisionMatrix? Score(AcquisitionContext context, DeviceArray<float> score_n) => _alone.Score(context, score_n);

    /// <inheritdoc/>
    /// <exception cref="ScoreException">A prediction is NaN.</exception>
    public Picked PickBatch(AcquisitionContext context, int count)
    {
        ArgumentNullException.ThrowIfNull(context);
        Pair[] pairs = context.Candidates.Pairs.ToArray();
        var chosen = new List<int>(count);
        var gains = new List<double>(count);
        var barred = new bool[pairs.Length];
        Predictions? predictions = null;
        while (chosen.Count < count)
        {
            if (predictions is null || posterior.TakesAsked)
            {
                float[] r_RS = posterior.Draw(context, [.. chosen], samples);
                predictions = Predictions.Of(r_RS, pairs, r_RS.Length / context.Rewards.Rows);
            }

            foreach ((int candidate, double gain) in Greedy(
                predictions, count - chosen.Count, new JointOutcomes(predictions.Samples, ExactRows, SampledRows), barred, Math.Log(predictions.Samples) / 2, context.Random))
            {
                chosen.Add(candidate);
                gains.Add(gain);
            }
        }

        return new Picked([.. chosen], [.. gains], null);
    }

    /// <summary>Picks until so many are picked or the draws are told apart but for <paramref name="enough"/> nats; bars what it picks.</summary>
    internal List<(int Candidate, double Gain)> Greedy(
        Predictions predictions, int count, JointOutcomes outcomes, bool[] barred, double enough, SeededRandom random)
    {
        var bounds = new double[predictions.Count];
        for (int i = 0; i < bounds.Length; i++)
        {
            bounds[i] = barred[i] ? double.NegativeInfinity : predictions.Bald(i);
            if (double.IsNaN(bounds[i]))
            {
                throw new ScoreException(Name, i);
            }
        }

        var picked = new List<(int, double)>();
        while (picked.Count < count)
        {
            // What a pair tells alone is what it adds to nothing.
            int candidate = picked.Count == 0 ? Largest(bounds) : Best(predictions, outcomes, bounds);
            if (double.IsNegativeInfinity(bounds[candidate]))
            {
                break;
            }

            picked.Add((candidate, bounds[candidate]));
            (barred[candidate], bounds[candidate]) = (true, double.NegativeInfinity);
            outcomes.Extend(predictions.Probabilities(candidate), random);
            if (outcomes.Remaining < enough)
            {
                break;
            }
        }

        return picked;
    }

    // The pair that adds most, the lower number of equal ones; its bound then is what it adds. A pair is looked at when
    // its bound would win, first through a closer bound.
    private static int Best(Predictions predictions, JointOutcomes outcomes, double[] bounds)
    {
        int best = Largest(bounds);
        bounds[best] = double.IsNegativeInfinity(bounds[best]) ? bounds[best] : Gain(best);
        for (int i = 0; i < bounds.Length; i++)
        {
            if (!Wins(i, bounds[i]))
            {
                continue;
            }

            double atMost = outcomes.GainAtMost(predictions.Probabilities(i), predictions.Entropies(i));
            if (Wins(i, atMost))
            {
                bounds[i] = Gain(i);
                best = Wins(i, bounds[i]) ? i : best;
            }
            else if (outcomes.Exact)
            {
                // Rows sampled later may let the pair add more than these.
                bounds[i] = Math.Min(bounds[i], atMost);
            }
        }

        return best;

        double Gain(int i) => outcomes.Gain(predictions.Probabilities(i), predictions.Entropies(i));

        bool Wins(int i, double gain) => gain > bounds[best] || (gain == bounds[best] && i < best);
    }

    private static int Largest(double[] bounds)
    {
        int best = 0;
        for (int i = 1; i < bounds.Length; i++)
        {
            best = bounds[i] > bounds[best] ? i : best;
        }

        return best;
    }
}
