using System.Diagnostics;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;

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
    /// <param name="standardisation">Given where one was already formed for this pool; else formed here when the options ask for
    /// it, by reading the whole pool once.</param>
    /// <exception cref="ArgumentException">A batch is to have more pairs than candidates are drawn.</exception>
    public ActiveLearner(Backend backend, EmbeddingPool pool, SelectionOptions options, Standardisation? standardisation = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Constraints.Budget is null && options.Candidates.Pairs < options.BatchSize)
        {
            throw new ArgumentException(
                $"BatchSize is {options.BatchSize} and Candidates.Pairs {options.Candidates.Pairs}: a batch is chosen from the "
                    + "candidates. Draw more, or ask for fewer.",
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
    /// <param name="cancellationToken">Looked at between the parts of the work.</param>
    /// <exception cref="SingularInformationException">λ is too small for the candidates' features.</exception>
    /// <exception cref="InputException">No candidates are left, or too few can be sampled; a pair that must be in is none of the
    /// pool's.</exception>
    public Batch Query(CancellationToken cancellationToken = default)
    {
        var clock = Stopwatch.StartNew();
        Pair[] required = OpenRequired();
        int least = _options.Constraints.Budget is null ? Math.Max(_options.BatchSize - required.Length, 1) : 1;
        DrawnCandidates drawn = DrawnCandidates.Draw(
            _pool, _options.Candidates, new HashSet<Pair>([.. _labelled, .. required]),
            new SeededRandom(_options.Seed, Purpose.Candidates, Round), least, _options.Constraints.PerPrompt);
        Pair[] candidates = [.. required, .. drawn.Pairs];
        if (candidates.Length == 0)
        {
            throw new InputException(_pool.FindFault() is { } fault
                ? $"There are no candidates: {fault}"
                : "There are no candidates: every pair of different responses is labelled, or no prompt has two responses that differ. "
                    + "Offer more responses, or pairs across prompts.");
        }

        var query = new PairQuery
        {
            Backend = _backend,
            Pool = _pool,
            Model = Model,
            Candidates = PoolCandidates.List(candidates),
            Labelled = _comparisons,
            Strategy = Model is null ? Strategy.Parse("random") : _options.Strategy,
            Count = _options.Constraints.Budget is null ? Math.Min(_options.BatchSize, candidates.Length) : candidates.Length,
            Ridge = _options.Ridge,
            Random = new SeededRandom(_options.Seed, Purpose.Selection, Round),
            Targets = _options.Targets,
            Constraints = _options.Constraints with { Required = required },
        };
        return query.Select(cancellationToken) with { Round = Round, Drawn = drawn, Seconds = clock.Elapsed.TotalSeconds };
    }

    /// <summary>Learns from answers: trains a fresh model on everything known. On an error or a cancellation nothing has changed.</summary>
    /// <param name="comparisons">Answers of this round, at least one.</param>
    /// <param name="progress">Told before each training step.</param>
    /// <param name="cancellationToken">Looked at before each training step.</param>
    /// <exception cref="InputException">A label outside [0, 1], a pair out of range.</exception>
    /// <exception cref="TrainingException">The loss became NaN or infinite, or the model has broken down.</exception>
    public TrainingResult Teach(
        IReadOnlyList<Comparison> comparisons, IProgress<TrainingStep>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(comparisons);
        Comparison[] all = [.. _comparisons, .. comparisons];
        TrainingOptions training = _options.Training with { Seed = RoundSeed(Round) };
        var shape = new MlpShape(_pool.Dimension, training.Hidden, training.Activation);
        TrainingResult result = Trainer.Fit(
            _backend, _pool, all, BradleyTerryMlp.Untrained(shape, _standardisation, training.Seed), training, progress, cancellationToken);
        Remember(comparisons, result.Model);
        return result;
    }

    /// <summary>How good the model is on held-out prompts.</summary>
    /// <param name="heldOut">What to measure on.</param>
    /// <param name="cancellationToken">Looked at before each block of responses.</param>
    /// <exception cref="InvalidOperationException">Nothing has been learned yet.</exception>
    public Evaluation Evaluate(HeldOut heldOut, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(heldOut);
        return heldOut.Evaluate(
            _backend, Model ?? throw new InvalidOperationException("There is no model yet; teach the learner a round first."),
            cancellationToken);
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

    // Pairs that must be in are candidates wherever they lie, until they are labelled.
    private Pair[] OpenRequired()
    {
        var open = new List<Pair>();
        HashSet<Pair> seen = [.. _labelled];
        foreach (Pair pair in _options.Constraints.Required)
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
                    $"The pair ({first}, {second}) must be in the batch, but its two responses have the same embedding: there is "
                        + "nothing to compare. Leave it out.");
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
}
