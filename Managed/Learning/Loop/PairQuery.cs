using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Learning.Loop;

/// <summary>A question for the next batch, without a learner's memory of rounds. Immutable; it disposes of nothing that it is
/// given.</summary>
public sealed record PairQuery
{
    /// <summary>Where to compute.</summary>
    public required Backend Backend { get; init; }

    /// <summary>The responses.</summary>
    public required EmbeddingPool Pool { get; init; }

    /// <summary>What is chosen from.</summary>
    public required PoolCandidates Candidates { get; init; }

    /// <summary>What scores, and how the batch is taken.</summary>
    public required Strategy Strategy { get; init; }

    /// <summary>c ≤ n; with a budget the most there may be.</summary>
    public required int Count { get; init; }

    /// <summary>The stream of random numbers for strategies that draw, and for choosing among equal scores.</summary>
    public required SeededRandom Random { get; init; }

    /// <summary>The model; null only for a strategy that needs none.</summary>
    public BradleyTerryMlp? Model { get; init; }

    /// <summary>Everything labelled so far; only a past-aware strategy looks at it.</summary>
    public IReadOnlyList<Comparison> Labelled { get; init; } = [];

    /// <summary>λ ≥ 0, the prior precision of the head.</summary>
    public double Ridge { get; init; } = 1e-6;

    /// <summary>What V- and G-optimality are to predict well; null for the candidates.</summary>
    public TargetRows? Targets { get; init; }

    /// <summary>What is asked of the batch besides being informative.</summary>
    public BatchConstraints Constraints { get; init; } = new();

    /// <summary>Chooses the batch, and proves how good it is where that can be.</summary>
    /// <param name="cancellationToken">Looked at between the parts of the work.</param>
    /// <returns>Pairs of rows of the pool.</returns>
    /// <exception cref="InputException">The strategy needs a model and there is none; constraints that cannot be kept.</exception>
    /// <exception cref="ScoreException">The model has broken down; every strategy that needs one says so alike.</exception>
    /// <exception cref="SingularInformationException">λ is too small for the candidates' features.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Batch Select(CancellationToken cancellationToken = default)
    {
        using PoolProblem asked = Candidates.Prepare(this, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            Batch batch = Strategy.Select(asked.Problem, asked.Request);
            return asked.OfPool(Strategy.Certify(asked.Problem, batch, asked.Request));
        }
        catch (ScoreException exception) when (exception is { Strategy: { } name, Candidate: { } index } && asked.Order.Length > 0)
        {
            throw new ScoreException(name, asked.Order[index]);
        }
    }
}

/// <summary>A query as a problem over the responses in it.</summary>
/// <param name="Problem">What a strategy chooses from.</param>
/// <param name="Request">What it is asked for.</param>
/// <param name="Rows">The row of the pool of each response of the problem.</param>
/// <param name="Order">For each candidate of the problem its index in the list that was given; empty where none was.</param>
internal sealed record PoolProblem(CandidateProblem Problem, BatchRequest Request, int[] Rows, int[] Order) : IDisposable
{
    /// <summary>A batch of the problem as one of the pool.</summary>
    public Batch OfPool(Batch batch) => batch with
    {
        Pairs = [.. batch.Pairs.Select(OfPool)],
        Indices = [.. batch.Indices.Select(i => Order[i])],
    };

    /// <inheritdoc/>
    public void Dispose() => Problem.Dispose();

    // As it was listed, and ascending where none was.
    private Pair OfPool(Pair pair)
    {
        var rows = new Pair(Rows[pair.First], Rows[pair.Second]);
        return Order.Length > 0 ? rows : rows.Ascending();
    }
}
