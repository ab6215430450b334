using FisherKernels.Kernels;

namespace FisherKernels.Learning.Batches;

/// <summary>How many pairs a batch is to have, and what it has to keep.</summary>
/// <param name="Count">c ≥ 0; with a budget the most there may be.</param>
public sealed record BatchRequest(int Count)
{
    /// <summary>What the batch may hold: caps of groups, a budget; null for anything. Only of listed candidates.</summary>
    public PairLimits? Limits { get; init; }

    /// <summary>Indices of candidates that the batch holds in any case, each once.</summary>
    public IReadOnlyList<int> Required { get; init; } = [];

    /// <summary>Wall time from the making of the request on after which optimisers take the best batch found so far, and proofs end;
    /// null for none, and then the same input gives the same batch.</summary>
    public TimeSpan? TimeLimit
    {
        get => Effort.Limit;
        init => Effort = Effort with { Limit = value };
    }

    /// <summary>Ends optimisers and proofs with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken
    {
        get => Effort.CancellationToken;
        init => Effort = Effort with { CancellationToken = value };
    }

    /// <summary>When optimisers and proofs stop.</summary>
    internal SearchEffort Effort { get; init; } = new();

    /// <summary>Efficiency, in (0, 1), that a certificate is to prove; null for what the batch's own gradient proves.</summary>
    public double? Efficiency { get; init; }

    /// <summary>Whether pairs are taken by their worth alone.</summary>
    internal bool IsFree => Limits is null && Required.Count == 0;
}
