using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>BatchBALD: pairs whose answers together say most about the head, taken greedily by what each adds (MATH.md §4; Kirsch, van Amersfoort and Gal 2019).</summary>
/// <remarks>
/// A pair's twin adds next to nothing, which BALD does not see. What is exact and what is not:
/// <list type="bullet">
/// <item>Joint outcomes are enumerated up to 1,024 of them, ten pairs that are all open; after that 256 sampled ones are carried
/// along (<see cref="JointOutcomes"/>).</item>
/// <item>Evaluation is lazy: a pair is looked at again only when what it added earlier would win (Minoux 1978). With enumerated outcomes that
/// is exact, information given the draws being submodular; with sampled ones it holds in the mean.</item>
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
        // Largest bound first, then the lower number: equal gains go to the lower number, since it is looked at first.
        var queue = new PriorityQueue<int, (double Bound, int Number)>(
            Comparer<(double Bound, int Number)>.Create((x, y) => y.Bound.CompareTo(x.Bound) is var order and not 0 ? order : x.Number.CompareTo(y.Number)));
        var lookedAt = new int[predictions.Count];
        var open = new List<(int, (double, int))>(predictions.Count);
        for (int i = 0; i < predictions.Count; i++)
        {
            if (!barred[i])
            {
                double alone = predictions.Bald(i);
                open.Add(double.IsNaN(alone) ? throw new ScoreException(Name, i) : (i, (alone, i)));
            }
        }

        queue.EnqueueRange(open);
        var picked = new List<(int, double)>();
        while (picked.Count < count && queue.TryDequeue(out int candidate, out (double Bound, int Number) key))
        {
            if (lookedAt[candidate] < picked.Count)
            {
                lookedAt[candidate] = picked.Count;
                queue.Enqueue(candidate, (outcomes.Gain(predictions.Probabilities(candidate), predictions.Entropies(candidate)), candidate));
                continue;
            }

            picked.Add((candidate, key.Bound));
            barred[candidate] = true;
            outcomes.Extend(predictions.Probabilities(candidate), random);
            if (outcomes.Remaining < enough)
            {
                break;
            }
        }

        return picked;
    }
}
