using System.Globalization;
using FisherKernels.Bench.Cases;
using FisherKernels.Experiments.Loop;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>Candidates with features and rewards, and the criterion that batches of them are to maximise.</summary>
internal sealed class BatchPool : IDisposable
{
    private readonly LogDetCriterion _criterion;
    private readonly PairGraph _candidates;
    private readonly PastComparisons? _past;
    private readonly IDisposable[] _owned;

    private BatchPool(
        string description, PairGraph candidates, DeviceArray<float> features, DeviceArray<float> rewards, PastComparisons? past,
        params IDisposable[] owned)
    {
        _criterion = new LogDetCriterion(IsPastAware: past is not null);
        (Description, _candidates, Features, Rewards, _past, _owned) = (description, candidates, features, rewards, past, owned);
    }

    /// <summary>What the pool is, in a sentence.</summary>
    public string Description { get; }

    /// <summary>n.</summary>
    public int Candidates => _candidates.Count;

    /// <summary>R.</summary>
    public int Responses => _candidates.Responses;

    /// <summary>Φ [R, d].</summary>
    public DeviceArray<float> Features { get; }

    /// <summary>r [R].</summary>
    public DeviceArray<float> Rewards { get; }

    /// <summary>Drawn: Φ = max(0, X A) and r = Φβ, scaled.</summary>
    /// <param name="on">Where to compute.</param>
    /// <param name="size">Of the pool.</param>
    /// <param name="seed">Of everything drawn.</param>
    public static BatchPool Generated(Backend on, PoolSize size, int seed)
    {
        (int responses, int d) = (size.Responses, size.Width);
        var draw = new Draw(seed);
        float[] x_Rd = draw.Normal(responses, d).Numbers, a_dd = draw.Normal(d, d).Numbers, beta_d = draw.Normal(d).Numbers;
        var phi_Rd = new float[responses * d];
        var r_R = new double[responses];
        for (int i = 0; i < responses; i++)
        {
            for (int j = 0; j < d; j++)
            {
                double sum = 0;
                for (int k = 0; k < d; k++)
                {
                    sum += x_Rd[i * d + k] * a_dd[k * d + j] / Math.Sqrt(k + 1);
                }

                phi_Rd[i * d + j] = (float)Math.Max(sum, 0);
                r_R[i] += phi_Rd[i * d + j] * (double)beta_d[j];
            }
        }

        double mean = r_R.Average(), scale = PoolSize.RewardSpread / Math.Sqrt(r_R.Average(r => (r - mean) * (r - mean)));
        DeviceArray<float> features = on.Upload<float>(phi_Rd, responses, d),
            rewards = on.Upload<float>([.. r_R.Select(r => (float)(scale * r))], responses);
        PairGraph graph = on.Graph(draw.Pairs(size.Candidates, responses), responses);
        string description = string.Create(CultureInfo.InvariantCulture,
            $"Generated: {size.Candidates:N0} pairs drawn from all pairs of {responses:N0} responses, d = {d}; Φ = max(0, X A), X "
            + $"[{responses:N0}, {d}] and A [{d}, {d}] standard normal, row k of A divided by √k; r = Φβ, β standard normal, r scaled to "
            + $"standard deviation {PoolSize.RewardSpread}; `dopt`, M₀ = 10⁻⁶·1");
        return new BatchPool(description, graph, features, rewards, null, graph, features, rewards);
    }

    /// <summary>The second round of fisher run: after a batch at random, a model trained on its answers, and fresh candidates.</summary>
    /// <param name="on">Where to compute.</param>
    /// <param name="data">The files; those to measure on are not read.</param>
    /// <param name="size">How many are learned from.</param>
    /// <param name="seed">Of everything drawn.</param>
    /// <param name="cancellation">Looked at while the model is trained.</param>
    /// <exception cref="InputException">Files that do not fit, or no pair that is not labelled.</exception>
    public static BatchPool Of(Backend on, DataFolder data, PoolSize size, int seed, CancellationToken cancellation)
    {
        using EmbeddingPool pool = PoolFile.Load(data.TrainEmbeddings);
        var options = new SelectionOptions { BatchSize = size.Learned, Seed = seed, Ridge = PoolSize.Ridge };
        var learner = new ActiveLearner(on, pool, options);
        var annotator = new GoldenAnnotator(RewardTable.Read(data.TrainRewards, pool), seed);
        learner.Teach(
            annotator.CompareAsync(learner.Query(cancellation).Pairs, cancellation).AsTask().GetAwaiter()
                .GetResult(), cancellationToken: cancellation);
        Pair[] labelled = [.. learner.Comparisons.Select(comparison => comparison.Pair)];
        Pair[] drawn = DrawnCandidates.Draw(
            pool, options.Candidates, labelled.ToHashSet(), new SeededRandom(seed, Purpose.Candidates, learner.Round)).Pairs;
        (PairGraph graph, DeviceArray<float> features, DeviceArray<float> rewards) = Scored(drawn);
        (PairGraph past, DeviceArray<float> pastFeatures, DeviceArray<float> pastRewards) = Scored(labelled);
        string description = string.Create(CultureInfo.InvariantCulture,
            $"{data.Name}: {drawn.Length:N0} pairs in prompts over {graph.Responses:N0} responses, of "
            + $"{Math.Min(options.Candidates.Prompts, pool.Prompts):N0} of its {pool.Prompts:N0} prompts; d = {features.Columns}, "
            + $"features of a model trained as `fisher run` does on {labelled.Length:N0} pairs at random; `padopt` with these "
            + $"{labelled.Length:N0} as the past, λ = 10⁻⁶");
        return new BatchPool(
            description, graph, features, rewards, new PastComparisons(past, pastFeatures, pastRewards), graph, features, rewards, past,
            pastFeatures, pastRewards);

        (PairGraph, DeviceArray<float>, DeviceArray<float>) Scored(Pair[] pairs)
        {
            int[] responses = Labels.Distinct(pairs);
            (DeviceArray<float> phi, DeviceArray<float> r) = learner.Model!.Features(on, pool, responses, cancellation);
            return (on.Graph([.. pairs.Select(pair => Labels.Local(responses, pair))], responses.Length), phi, r);
        }
    }

    /// <summary>The candidates with nothing computed yet; the caller disposes it.</summary>
    public CandidateProblem Create() => new(_candidates, Features, Rewards) { Ridge = PoolSize.Ridge, Past = _past };

    /// <summary>The search for a batch among them; disposed with the candidates.</summary>
    /// <param name="problem">What <see cref="Create"/> gave.</param>
    /// <param name="count">c ≤ n.</param>
    public BatchProblem Of(CandidateProblem problem, int count) => (BatchProblem)problem.LogDet(_criterion, new BatchRequest(count));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable each in _owned)
        {
            each.Dispose();
        }
    }
}
