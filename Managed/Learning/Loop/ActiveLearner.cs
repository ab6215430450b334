using System.Diagnostics;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Loop;

/// <summary>Active reward modelling (paper, section 5.1): ask for a batch of pairs, learn from the answers, ask again.</summary>
/// <remarks>
/// What round k asks depends on the seed, k, the comparisons known and the model, and on nothing else: a learner that is
/// given back the comparisons and the model of an earlier one (<see cref="Remember"/>) goes on as that one would have.
/// </remarks>
public sealed class ActiveLearner
{
    private readonly Backend _backend;
    private readonly EmbeddingPool _pool;
    private readonly SelectionOptions _options;
    private readonly Standardisation? _standardisation;
    private readonly List<Comparison> _comparisons = [];
    private readonly HashSet<Pair> _labelled = [];

    /// <summary>A learner that knows nothing yet.</summary>
    /// <param name="backend">Where to compute; stays the caller's.</param>
    /// <param name="pool">Responses to compare; stays the caller's.</param>
    /// <param name="options">How to choose and train.</param>
    /// <param name="standardisation">Given where one was already formed for this pool; else formed here when the options ask for it, by reading the whole pool once.</param>
    /// <exception cref="ArgumentException">A batch is to have more pairs than candidates are drawn.</exception>
    public ActiveLearner(Backend backend, EmbeddingPool pool, SelectionOptions options, Standardisation? standardisation = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Demands.Budget is null && options.Candidates.Pairs < options.BatchSize)
        {
            throw new ArgumentException(
                $"BatchSize is {options.BatchSize} and Candidates.Pairs {options.Candidates.Pairs}: a batch is chosen from the candidates. Draw more, or ask for fewer.",
                nameof(options));
        }

        (_backend, _pool, _options) = (backend, pool, options);
        _standardisation = options.Training.Standardise ? standardisation ?? Standardisation.FromPool(pool) : null;
    }

    /// <summary>How it chooses and trains.</summary>
    public SelectionOptions Options => _options;

    /// <summary>Rounds learned from so far, and so the number of the next one.</summary>
    public int Round { get; private set; }

    /// <summary>Everything learned from so far, in the order in which it came.</summary>
    public IReadOnlyList<Comparison> Comparisons => _comparisons;

    /// <summary>The model after the last round, or null before the first.</summary>
    public BradleyTerryMlp? Model { get; private set; }

    /// <summary>The pairs to be compared next.</summary>
    /// <param name="cancellation">Looked at between the parts of the work.</param>
    /// <exception cref="SingularInformationException">λ is too small for the candidates' features.</exception>
    /// <exception cref="InputException">No candidates are left, or too few can be sampled; a pair that must be in is none of the pool's.</exception>
    public Selection Query(CancellationToken cancellation = default)
    {
        var clock = Stopwatch.StartNew();
        Pair[] must = OpenMust();
        int least = _options.Demands.Budget is null ? Math.Max(_options.BatchSize - must.Length, 1) : 1;
        DrawnCandidates drawn = Candidates.DrawAtLeast(
            least, _pool, _options.Candidates, new HashSet<Pair>([.. _labelled, .. must]),
            new SeededRandom(_options.Seed, Purpose.Candidates, Round), _options.Demands.PerPrompt);
        Pair[] candidates = [.. must, .. drawn.Pairs];
        if (candidates.Length == 0)
        {
            throw new InputException(PoolFault.Of(_pool) is { } fault
                ? $"There are no candidates: {fault}"
                : "There are no candidates: every pair of different responses is labelled, or no prompt has two responses that differ. Offer more responses, or pairs across prompts.");
        }

        Strategy strategy = Model is null ? new Strategy(Acquisitions.Named("random")) : _options.Strategy;
        int count = _options.Demands.Budget is null ? Math.Min(_options.BatchSize, candidates.Length) : candidates.Length;
        Picked picked = Choose(_backend, _pool, Model, candidates, _comparisons, strategy, count, _options.Ridge,
            new SeededRandom(_options.Seed, Purpose.Selection, Round), _options.Targets, _options.Demands with { Must = must }, cancellation);
        return new Selection(
            Round, [.. picked.Numbers.Select(i => candidates[i])], picked.Values, strategy.Name, candidates.Length, picked.Precision,
            clock.Elapsed.TotalSeconds)
        {
            Drawn = drawn,
            Certificate = picked.Certificate,
            Proof = picked.Proof,
        };
    }

    /// <summary>Learns from answers: trains a fresh model on everything known. On an error or a cancellation nothing has changed.</summary>
    /// <param name="comparisons">Answers of this round, at least one.</param>
    /// <param name="progress">Told before each training step.</param>
    /// <param name="cancellation">Looked at before each training step.</param>
    /// <exception cref="InputException">A label outside [0, 1], a pair out of range.</exception>
    /// <exception cref="TrainingException">The loss became NaN or infinite, or the model has broken down.</exception>
    public TrainingResult Teach(
        IReadOnlyList<Comparison> comparisons, IProgress<TrainingStep>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(comparisons);
        Comparison[] all = [.. _comparisons, .. comparisons];
        TrainingOptions training = _options.Training with { Seed = RoundSeed(Round) };
        var shape = new MlpShape(_pool.Dimension, training.Hidden, training.Activation);
        TrainingResult result = Trainer.Fit(
            _backend, _pool, all, BradleyTerryMlp.Untrained(shape, _standardisation, training.Seed), training, progress, cancellation);
        Remember(comparisons, result.Model);
        return result;
    }

    /// <summary>How good the model is on held-out prompts.</summary>
    /// <param name="heldOut">What to measure on.</param>
    /// <param name="cancellation">Looked at before each block of responses.</param>
    /// <exception cref="InvalidOperationException">Nothing has been learned yet.</exception>
    public Evaluation Evaluate(HeldOut heldOut, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(heldOut);
        return heldOut.Evaluate(
            _backend, Model ?? throw new InvalidOperationException("There is no model yet; teach the learner a round first."), cancellation);
    }

    /// <summary>Takes over a round that was learned earlier: its answers, and the model after it.</summary>
    /// <param name="comparisons">Answers of the round.</param>
    /// <param name="model">The model after it; may be null where another round follows, whose model then holds.</param>
    /// <exception cref="InputException">A label outside [0, 1], a pair out of range, a model for other embeddings.</exception>
    public void Remember(IReadOnlyList<Comparison> comparisons, BradleyTerryMlp? model)
    {
        ArgumentNullException.ThrowIfNull(comparisons);
        Comparison.Check([.. comparisons], _pool.Responses);
        model?.RequireFits(_pool);
        _comparisons.AddRange(comparisons);
        _labelled.UnionWith(comparisons.Select(comparison => comparison.Pair));
        Model = model;
        Round++;
    }

    /// <summary>Chooses among given candidates, without a learner's memory of rounds.</summary>
    /// <remarks>
    /// The order in which the candidates are listed decides nothing: strategies see them in an order of the stream's, so that of equal scores the seed takes
    /// some. (<see cref="Strategy.Pick"/> by itself takes the lower numbers.)
    /// </remarks>
    /// <param name="backend">Where to compute.</param>
    /// <param name="pool">Responses.</param>
    /// <param name="model">Null only for a strategy that needs none.</param>
    /// <param name="candidates">n pairs of rows of the pool.</param>
    /// <param name="labelled">Everything labelled so far; only a past-aware strategy looks at it.</param>
    /// <param name="strategy">What scores and picks.</param>
    /// <param name="count">c ≤ n.</param>
    /// <param name="ridge">λ.</param>
    /// <param name="random">For strategies that draw, and for choosing among equal scores.</param>
    /// <param name="targets">What V- and G-optimality are to predict well; the candidates when left out.</param>
    /// <param name="demands">What is asked of the batch besides, or null.</param>
    /// <param name="cancellation">Looked at between the parts of the work.</param>
    /// <exception cref="InputException">The strategy needs a model and there is none; demands that cannot be kept.</exception>
    /// <exception cref="ScoreException">The model has broken down; every strategy that needs one says so alike.</exception>
    public static Picked Choose(
        Backend backend,
        EmbeddingPool pool,
        BradleyTerryMlp? model,
        ReadOnlySpan<Pair> candidates,
        IReadOnlyList<Comparison> labelled,
        Strategy strategy,
        int count,
        double ridge,
        SeededRandom random,
        TargetRows? targets = null,
        BatchDemands? demands = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(labelled);
        ArgumentNullException.ThrowIfNull(strategy);
        if (strategy.Acquisition.NeedsModel && model is null)
        {
            throw new InputException($"The strategy {strategy.Name} needs a trained model; train one first, or choose random.");
        }

        ArgumentNullException.ThrowIfNull(random);
        demands ??= new BatchDemands();
        int[] order = TieOrder.Of(candidates, random.Beside(Purpose.Ties));
        var ordered = new Pair[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            ordered[i] = candidates[order[i]];
        }

        (PairLimits? limits, int[] must) = demands.Resolve(pool, ordered, count);
        BatchProblem.TakeMust(
            new PairQuota(limits, ordered.Length), must, count, i => $"the pair ({ordered[i].First}, {ordered[i].Second})");
        using Scored asked = Scored.Of(backend, pool, strategy.Acquisition.NeedsModel ? model : null, ordered, cancellation);
        using Scored? past = strategy.Acquisition.NeedsPast && labelled.Count > 0
            ? Scored.Of(backend, pool, model, [.. labelled.Select(comparison => comparison.Pair)], cancellation)
            : null;
        using Scored? wanted = strategy.Acquisition.NeedsTargets && targets is not null
            ? Scored.Of(backend, pool, model, targets, cancellation)
            : null;
        if (strategy.Acquisition.NeedsModel)
        {
            foreach (Scored scored in new[] { asked, past, wanted }.OfType<Scored>())
            {
                ModelCheck.RequireFinite(pool, scored.Responses, scored.Features, scored.Rewards);
            }

            ModelCheck.RequireAlive(pool, asked.Responses, asked.Graph, asked.Features, asked.Rewards);
        }

        cancellation.ThrowIfCancellationRequested();
        var context = new AcquisitionContext(asked.Graph, asked.Features, asked.Rewards)
        {
            Past = past is null ? null : new PastComparisons(past.Graph, past.Features, past.Rewards),
            Targets = wanted is null ? null : new Targets(targets?.Pairs is null ? null : wanted.Graph, wanted.Features),
            ThinnedRewards = model is { Dropout: > 0 }
                ? (samples, draws) => model.Thinned(backend, pool, asked.Responses, samples, draws)
                : null,
            Ridge = ridge,
            Limits = limits,
            Must = must,
            Certify = demands.Certify,
            Effort = new SearchEffort(demands.TimeLimit, Cancellation: cancellation),
            Random = random,
        };
        try
        {
            Picked picked = strategy.Pick(context, count);
            return picked with { Numbers = [.. picked.Numbers.Select(i => order[i])] };
        }
        catch (ScoreException exception) when (exception is { Strategy: { } name, Candidate: { } number })
        {
            throw new ScoreException(name, order[number]);
        }
    }

    // Pairs that must be in are candidates wherever they lie, until they are labelled.
    private Pair[] OpenMust()
    {
        var open = new List<Pair>();
        HashSet<Pair> seen = [.. _labelled];
        foreach (Pair pair in _options.Demands.Must)
        {
            (int first, int second) = (pair.First, pair.Second);
            if (Math.Min(first, second) < 0 || Math.Max(first, second) >= _pool.Responses)
            {
                throw new InputException(
                    $"The pair ({first}, {second}) must be in the batch, but rows run from 0 to {_pool.Responses - 1}. Leave it out.");
            }

            if (first == second || _pool.Marks([first, second]) is [var one, var other] && one == other && one != RowMarks.Broken)
            {
                throw new InputException(
                    $"The pair ({first}, {second}) must be in the batch, but its two responses have the same embedding: there is nothing to compare. Leave it out.");
            }

            if (!seen.Contains(new Pair(second, first)) && seen.Add(pair))
            {
                open.Add(pair);
            }
        }

        return [.. open];
    }

    // A seed of its own for each round: (seed, round) must not meet (seed + 1, round − 1).
    private int RoundSeed(int round) => (int)new SeededRandom(_options.Seed, Purpose.Initialisation, round).NextBits();

    /// <summary>Pairs with the features and rewards of the distinct responses in them.</summary>
    private sealed record Scored(int[] Responses, PairGraph Graph, DeviceArray<float> Features, DeviceArray<float> Rewards) : IDisposable
    {
        public static Scored Of(
            Backend backend, EmbeddingPool pool, BradleyTerryMlp? model, TargetRows targets, CancellationToken cancellation) =>
            targets.Pairs is { } pairs
                ? Of(backend, pool, model, [.. pairs], cancellation)
                : Of(backend, pool, model, [], [.. targets.Responses], cancellation);

        public static Scored Of(
            Backend backend, EmbeddingPool pool, BradleyTerryMlp? model, ReadOnlySpan<Pair> pairs, CancellationToken cancellation) =>
            Of(backend, pool, model, pairs, Labels.Distinct(pairs), cancellation);

        private static Scored Of(
            Backend backend, EmbeddingPool pool, BradleyTerryMlp? model, ReadOnlySpan<Pair> pairs, int[] responses, CancellationToken cancellation)
        {
            var local = new Pair[pairs.Length];
            for (int i = 0; i < local.Length; i++)
            {
                local[i] = Labels.Local(responses, pairs[i]);
            }

            (DeviceArray<float> features, DeviceArray<float> rewards) = model is null
                ? (backend.Allocate<float>(responses.Length, 0), backend.Allocate<float>(responses.Length))
                : model.Features(backend, pool, responses, cancellation);
            return new Scored(responses, backend.Graph(local, responses.Length), features, rewards);
        }

        public void Dispose()
        {
            Graph.Dispose();
            Features.Dispose();
            Rewards.Dispose();
        }
    }
}
