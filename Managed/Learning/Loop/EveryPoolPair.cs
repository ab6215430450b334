using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Loop;

/// <summary>Every pair of a pool's responses, none of them listed; immutable.</summary>
internal sealed class EveryPoolPair : PoolCandidates
{
    private readonly int[] _rows, _answers;
    private readonly EveryPair _pairs;

    public EveryPoolPair(EmbeddingPool pool, Pair[] labelled, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(labelled);
        ArgumentNullException.ThrowIfNull(random);
        if (pool.Responses > Backend.MostResponsesOfAllPairs)
        {
            throw new InputException(
                $"Every pair is taken of at most {Backend.MostResponsesOfAllPairs} responses, the embeddings have {pool.Responses}; "
                    + "draw candidates.");
        }

        int[] all = [.. Enumerable.Range(0, pool.Responses)];
        UInt128[] marks = pool.Marks(all);
        _rows = [.. all.Where(row => marks[row] != RowMarks.Broken)];
        ResponsesLeftOut = all.Length - _rows.Length;

        // Equal scores go to the pair that stands first here: the seed says which.
        random.Shuffle<int>(_rows);
        var indices = new Dictionary<UInt128, int>();
        _answers = [.. _rows.Select(row => indices.TryGetValue(marks[row], out int answer) ? answer : indices[marks[row]] = indices.Count)];
        IdenticalLeftOut = _answers.CountBy(answer => answer).Sum(answer => answer.Value * (answer.Value - 1L) / 2);
        Dictionary<int, int> places = _rows.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        _pairs = new EveryPair(_rows.Length, [.. labelled.Select(pair => new Pair(places[pair.First], places[pair.Second]))], _answers);
    }

    /// <inheritdoc/>
    public override long Count => _pairs.Count;

    /// <inheritdoc/>
    public override long IdenticalLeftOut { get; }

    /// <inheritdoc/>
    public override int ResponsesLeftOut { get; }

    /// <inheritdoc/>
    internal override PoolProblem Prepare(PairQuery query, CancellationToken cancellationToken)
    {
        if (!query.Constraints.IsFree)
        {
            throw new InputException("Constraints go with listed candidates, not with every pair of all responses; list or draw some.");
        }

        CandidateProblem problem = Problem(query, _pairs, _rows, Check, cancellationToken);
        return new PoolProblem(problem, Request(query, null, [], cancellationToken), _rows, []);

        void Check(ScoredRows scored) => ModelCheck.RequireAlive(query.Pool, _rows, scored.Features, scored.Rewards, Count);
    }
}
