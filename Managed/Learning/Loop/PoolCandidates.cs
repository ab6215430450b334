using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Loop;

/// <summary>Candidate pairs of a pool: a list, or every pair of its responses.</summary>
public abstract class PoolCandidates
{
    private protected PoolCandidates()
    {
    }

    /// <summary>n.</summary>
    public abstract long Count { get; }

    /// <summary>Pairs that are no candidates because their two responses have the same embedding; 0 for listed pairs.</summary>
    public virtual long IdenticalLeftOut => 0;

    /// <summary>Responses in no candidate because their embedding is not finite; 0 for listed pairs.</summary>
    public virtual int ResponsesLeftOut => 0;

    /// <summary>Listed pairs.</summary>
    /// <remarks>
    /// The order in which they are listed decides nothing: strategies see them in an order of the query's stream, so that of equal
    /// scores the seed takes
    /// some.
    /// </remarks>
    /// <param name="pairs">n pairs of rows of the pool.</param>
    public static PoolCandidates List(Pair[] pairs) => new ListedPoolCandidates(pairs);

    /// <summary>Every pair of all responses with a finite embedding that has no label and is of two different embeddings.</summary>
    /// <param name="pool">The responses, at most <see cref="Backend.MostResponsesOfAllPairs"/>.</param>
    /// <param name="labelled">Pairs labelled so far, in either order, as often as they were labelled.</param>
    /// <param name="random">Which of pairs with equal scores are taken.</param>
    /// <exception cref="InputException">More responses than can be taken at once.</exception>
    public static PoolCandidates Every(EmbeddingPool pool, Pair[] labelled, SeededRandom random) =>
        new EveryPoolPair(pool, labelled, random);

    /// <summary>The query as a problem, which the caller disposes.</summary>
    internal abstract PoolProblem Prepare(PairQuery query, CancellationToken cancellationToken);

    /// <summary>A problem whose parts are made when they are read.</summary>
    private protected static CandidateProblem Problem(
        PairQuery query, CandidateKind candidates, int[] rows, Action<ScoredRows> check, CancellationToken cancellationToken)
    {
        CandidateProblem? problem = null;
        problem = new CandidateProblem(query.Backend, candidates, Scored)
        {
            MakePast = () => ScoredRows.Past(query, problem!, cancellationToken),
            MakeTargets = () => ScoredRows.Targets(query, problem!, cancellationToken),
            MaskedRewards = query.Model is { Dropout: > 0 } model
                ? (samples, draws) => model.Thinned(query.Backend, query.Pool, rows, samples, draws)
                : null,
            Ridge = query.Ridge,
            Random = query.Random,
        };
        return problem;

        ScoredResponses Scored()
        {
            ScoredRows scored = problem!.Owned(ScoredRows.Compute(query, rows, cancellationToken));
            check(scored);
            cancellationToken.ThrowIfCancellationRequested();
            return new ScoredResponses(scored.Features, scored.Rewards);
        }
    }

    /// <summary>What the strategy is asked for.</summary>
    private protected static BatchRequest Request(
        PairQuery query, PairLimits? limits, int[] required, CancellationToken cancellationToken) =>
        new(query.Count)
        {
            Limits = limits,
            Required = required,
            Efficiency = query.Constraints.Efficiency,
            TimeLimit = query.Constraints.TimeLimit,
            CancellationToken = cancellationToken,
        };
}

/// <summary>A list of pairs of rows.</summary>
internal sealed class ListedPoolCandidates : PoolCandidates
{
    private readonly Pair[] _pairs;

    public ListedPoolCandidates(Pair[] pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        _pairs = pairs;
    }

    /// <inheritdoc/>
    public override long Count => _pairs.Length;

    /// <inheritdoc/>
    internal override PoolProblem Prepare(PairQuery query, CancellationToken cancellationToken)
    {
        int[] order = TieOrder.Create(_pairs, query.Random.Beside(Purpose.Ties));
        Pair[] ordered = [.. order.Select(i => _pairs[i])];
        (PairLimits? limits, int[] required) = query.Constraints.Resolve(query.Pool, ordered, query.Count);
        BatchProblem.TakeRequired(
            new PairQuota(limits, ordered.Length), required, query.Count, i => $"the pair ({ordered[i].First}, {ordered[i].Second})");
        int[] rows = Labels.Distinct(ordered);
        PairGraph graph = query.Backend.Graph([.. ordered.Select(pair => Labels.Local(rows, pair))], rows.Length);
        CandidateProblem problem = Problem(query, new ListedCandidates(graph), rows, Check, cancellationToken);
        problem.Owned(graph);
        return new PoolProblem(problem, Request(query, limits, required, cancellationToken), rows, order);

        void Check(ScoredRows scored) => ModelCheck.RequireAlive(query.Pool, rows, graph, scored.Features, scored.Rewards);
    }
}
