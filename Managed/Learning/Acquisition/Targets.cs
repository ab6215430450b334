using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>What V- and G-optimality are to predict well; over responses of their own, like <see cref="PastComparisons"/>.</summary>
public sealed record Targets
{
    /// <summary>Target comparisons, or all pairs of some responses.</summary>
    /// <param name="graph">m ≥ 1 pairs over R' responses, or null for every pair of the R' responses, which is then never listed.</param>
    /// <param name="features">Φ [R', d] under the current model.</param>
    /// <exception cref="ArgumentException">No pair, features of another number of responses.</exception>
    public Targets(PairGraph? graph, DeviceArray<float> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (graph is null ? features.Rows < 2 : graph.Count == 0)
        {
            throw new ArgumentException("There is no target: give a pair, or two responses.", nameof(graph));
        }

        if (graph is not null && graph.Responses != features.Rows)
        {
            throw new ArgumentException($"features has {features.Rows} rows, expected {graph.Responses}.", nameof(features));
        }

        (Graph, Features) = (graph, features);
    }

    /// <summary>m pairs, or null for every pair of the responses.</summary>
    public PairGraph? Graph { get; }

    /// <summary>Φ [R', d].</summary>
    public DeviceArray<float> Features { get; }
}

/// <summary>Targets as rows of a pool, before a model has seen them.</summary>
public sealed record TargetRows
{
    /// <summary>Target comparisons.</summary>
    /// <param name="pairs">m ≥ 1 pairs of rows.</param>
    /// <exception cref="InputException">No pair.</exception>
    public TargetRows(IReadOnlyList<Pair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        Pairs = pairs.Count > 0 ? pairs : throw new InputException("There is no target pair; leave the targets out, or give one.");
        Responses = [];
    }

    /// <summary>All pairs of some responses.</summary>
    /// <param name="responses">Two rows or more, none twice.</param>
    /// <exception cref="InputException">Fewer, or one twice.</exception>
    public TargetRows(IReadOnlyList<int> responses)
    {
        ArgumentNullException.ThrowIfNull(responses);
        if (responses.Count < 2)
        {
            throw new InputException("Target responses are compared with each other: give two or more.");
        }

        var seen = new HashSet<int>();
        foreach (int response in responses)
        {
            if (!seen.Add(response))
            {
                throw new InputException($"Target response {response} is named twice; name it once.");
            }
        }

        Responses = responses;
    }

    /// <summary>Target comparisons, or null where responses are the targets.</summary>
    public IReadOnlyList<Pair>? Pairs { get; }

    /// <summary>Responses all of whose pairs are targets; empty where comparisons are.</summary>
    public IReadOnlyList<int> Responses { get; }
}
