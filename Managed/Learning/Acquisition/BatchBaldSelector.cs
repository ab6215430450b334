using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Learning.Acquisition;

/// <summary>BatchBALD: pairs whose answers together say most about the head, taken greedily by what each adds (MATH.md §4; Kirsch,
/// van Amersfoort and Gal 2019).</summary>
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
/// chosen for what those before them leave open, now in the Laplace approximation instead of outcome by outcome. A posterior that
/// cannot add it starts
/// again with the draws it had.</item>
/// </list>
/// The values of a batch are what each pair adds, in nats; the scores alone are BALD's.
/// </remarks>
/// <param name="posterior">What is drawn from.</param>
/// <param name="samples">S ≥ 2, draws where they are made; a problem whose draws are given has as many as it has.</param>
internal sealed class BatchBaldSelector(IPosterior posterior, int samples = 64) : IBatchSelector
{
    /// <summary>Joint outcomes that are enumerated, and that are sampled after that.</summary>
    public const int ExactRows = 1024, SampledRows = 256;

    /// <inheritdoc/>
    public string Name => "";

    /// <inheritdoc/>
    public bool KeepsLimits => false;

    /// <inheritdoc/>
    /// <exception cref="ScoreException">A prediction is NaN.</exception>
    public Batch Select(CandidateProblem problem, IAcquisition acquisition, BatchRequest request)
    {
        ArgumentNullException.ThrowIfNull(problem);
        int count = request.Count;
        Pair[] pairs = problem.Candidates.OnHost.ToArray();
        var chosen = new List<int>(count);
        var gains = new List<double>(count);
        var excluded = new bool[pairs.Length];
        Predictions? predictions = null;
        while (chosen.Count < count)
        {
            if (predictions is null || posterior.TakesAsked)
            {
                float[] r_RS = posterior.Draw(problem, [.. chosen], samples);
                predictions = Predictions.Compute(r_RS, pairs, r_RS.Length / problem.Responses);
            }

            foreach ((int candidate, double gain) in Greedy(
                predictions, count - chosen.Count, new JointOutcomes(predictions.Samples, ExactRows, SampledRows), excluded,
                Math.Log(predictions.Samples) / 2, problem.Random))
            {
                chosen.Add(candidate);
                gains.Add(gain);
            }
        }

        return problem.CreateBatch([.. chosen], [.. gains]);
    }

    /// <summary>Picks until so many are picked or the draws are told apart but for <paramref name="enough"/> nats; excludes what it
    /// picks.</summary>
    public static List<(int Candidate, double Gain)> Greedy(
        Predictions predictions, int count, JointOutcomes outcomes, bool[] excluded, double enough, SeededRandom random)
    {
        var bounds = new double[predictions.Count];
        for (int i = 0; i < bounds.Length; i++)
        {
            bounds[i] = excluded[i] ? double.NegativeInfinity : predictions.Bald(i);
            if (double.IsNaN(bounds[i]))
            {
                throw new ScoreException("batchbald", i);
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
            (excluded[candidate], bounds[candidate]) = (true, double.NegativeInfinity);
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
