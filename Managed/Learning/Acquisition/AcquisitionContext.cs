using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Learning.Acquisition;

/// <summary>What a strategy may look at when it scores candidate pairs. Owns none of its arrays.</summary>
public sealed class AcquisitionContext
{
    /// <summary>For candidates with features and rewards of their responses under the current model.</summary>
    /// <param name="candidates">n pairs over R responses.</param>
    /// <param name="features">Φ [R, d]; its owner computes.</param>
    /// <param name="rewards">r [R].</param>
    public AcquisitionContext(PairGraph candidates, DeviceArray<float> features, DeviceArray<float> rewards)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(rewards);
        (Candidates, Features, Rewards) = (candidates, features, rewards);
    }

    /// <summary>Where to compute.</summary>
    public Backend Backend => Features.Owner;

    /// <summary>n pairs over R responses.</summary>
    public PairGraph Candidates { get; }

    /// <summary>Φ [R, d].</summary>
    public DeviceArray<float> Features { get; }

    /// <summary>r [R].</summary>
    public DeviceArray<float> Rewards { get; }

    /// <summary>Pairs labelled so far with the features and rewards of their responses under the current model, or null.</summary>
    public PastComparisons? Past { get; init; }

    /// <summary>What is to be predicted well, or null for the candidates.</summary>
    public Targets? Targets { get; init; }

    /// <summary>
    /// Rewards [R, S], row by row, under S dropout masks made from a stream, or under those there are, whatever S is asked for; null without a
    /// model that was trained with dropout.
    /// </summary>
    public Func<int, SeededRandom, float[]>? ThinnedRewards { get; init; }

    /// <summary>λ ≥ 0.</summary>
    public double Ridge { get; init; } = 1e-6;

    /// <summary>What the batch may hold, or null.</summary>
    public PairLimits? Limits { get; init; }

    /// <summary>Numbers of candidates that the batch holds in any case.</summary>
    public IReadOnlyList<int> Must { get; init; } = [];

    /// <summary>Efficiency, in (0, 1), that a certificate is to prove; null for what the batch's own gradient proves.</summary>
    public double? Certify { get; init; }

    /// <summary>When optimisers and proofs stop.</summary>
    public SearchEffort Effort { get; init; } = new();

    /// <summary>For strategies that draw.</summary>
    public SeededRandom Random { get; init; } = new(0, Purpose.Selection);
}

/// <summary>Pairs labelled so far; over responses of their own, since they need not be among the candidates.</summary>
/// <param name="Graph">Pairs over R' responses.</param>
/// <param name="Features">Φ [R', d] under the current model.</param>
/// <param name="Rewards">r [R'].</param>
public sealed record PastComparisons(PairGraph Graph, DeviceArray<float> Features, DeviceArray<float> Rewards);
