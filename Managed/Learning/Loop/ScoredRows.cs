using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Learning.Loop;

/// <summary>Features and rewards of some rows of a pool under a model, made once and checked.</summary>
internal sealed class ScoredRows : IDisposable
{
    private ScoredRows(int[] rows, DeviceArray<float> features, DeviceArray<float> rewards) =>
        (Rows, Features, Rewards) = (rows, features, rewards);

    /// <summary>Rows of the pool, [k].</summary>
    public int[] Rows { get; }

    /// <summary>Φ [k, d], finite.</summary>
    public DeviceArray<float> Features { get; }

    /// <summary>r [k], finite.</summary>
    public DeviceArray<float> Rewards { get; }

    /// <summary>By a pass of the network.</summary>
    /// <param name="query">Who asks.</param>
    /// <param name="rows">Rows of the pool.</param>
    /// <param name="cancellationToken">Looked at before each block of rows.</param>
    /// <exception cref="InputException">There is no model.</exception>
    /// <exception cref="ScoreException">A feature or a reward is not finite.</exception>
    public static ScoredRows Compute(PairQuery query, int[] rows, CancellationToken cancellationToken)
    {
        BradleyTerryMlp model = query.Model
            ?? throw new InputException($"The strategy {query.Strategy.Name} needs a trained model; train one first, or choose random.");
        (DeviceArray<float> features, DeviceArray<float> rewards) = model.Features(query.Backend, query.Pool, rows, cancellationToken);
        var scored = new ScoredRows(rows, features, rewards);
        try
        {
            ModelCheck.RequireFinite(query.Pool, rows, features, rewards);
            return scored;
        }
        catch
        {
            scored.Dispose();
            throw;
        }
    }

    /// <summary>Everything labelled so far, as the past of a problem that disposes it; null where nothing is.</summary>
    public static PastComparisons? Past(PairQuery query, CandidateProblem problem, CancellationToken cancellationToken)
    {
        if (query.Labelled.Count == 0)
        {
            return null;
        }

        Pair[] pairs = [.. query.Labelled.Select(comparison => comparison.Pair)];
        ScoredRows scored = problem.Owned(Compute(query, Labels.Distinct(pairs), cancellationToken));
        return new PastComparisons(problem.Owned(scored.Graph(query.Backend, pairs)), scored.Features, scored.Rewards);
    }

    /// <summary>What V- and G-optimality are to predict well, for a problem that disposes it; null for the candidates.</summary>
    public static Targets? Targets(PairQuery query, CandidateProblem problem, CancellationToken cancellationToken)
    {
        if (query.Targets is not { } targets)
        {
            return null;
        }

        Pair[] pairs = [.. targets.Pairs ?? []];
        int[] rows = targets.Pairs is null ? [.. targets.Responses] : Labels.Distinct(pairs);
        ScoredRows scored = problem.Owned(Compute(query, rows, cancellationToken));
        return new Targets(targets.Pairs is null ? null : problem.Owned(scored.Graph(query.Backend, pairs)), scored.Features);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Features.Dispose();
        Rewards.Dispose();
    }

    // Pairs of rows as pairs of places among them.
    private PairGraph Graph(Backend backend, Pair[] pairs) =>
        backend.Graph([.. pairs.Select(pair => Labels.Local(Rows, pair))], Rows.Length);
}
