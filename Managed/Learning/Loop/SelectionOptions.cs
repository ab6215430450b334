using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Learning.Loop;

/// <summary>How the pairs of a round are chosen and learned from. Immutable; a value out of range fails where it is written.</summary>
public sealed record SelectionOptions
{
    /// <summary>c, pairs sent to annotators in a round. The paper tries 125, 250, 500 and 1,000.</summary>
    public int BatchSize
    {
        get;
        init { ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(BatchSize)); field = value; }
    } = 500;

    /// <summary>What scores the candidates and how the batch is taken; the first batch is random for every strategy, there being no
    /// model yet.</summary>
    public Strategy Strategy
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Strategy));
    } = Strategy.Parse("padopt");

    /// <summary>λ, prior precision of the head; same unit as v‖δ‖². The paper's code uses 1e-6.</summary>
    public double Ridge
    {
        get;
        init => field = PrecisionMatrix.RequireRidge(value, nameof(Ridge));
    } = 1e-6;

    /// <summary>What V- and G-optimality are to predict well, rows of the pool; null for the candidates of the round.</summary>
    public TargetRows? Targets { get; init; }

    /// <summary>What is asked of a batch besides being informative: limits, a budget, a proof.</summary>
    public BatchConstraints Constraints
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Constraints));
    } = new();

    /// <summary>Which pairs are looked at in a round.</summary>
    public CandidateOptions Candidates
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Candidates));
    } = new();

    /// <summary>How the model is trained after a round; its seed is not used, <see cref="Seed"/> and the round give one.</summary>
    public TrainingOptions Training
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Training));
    } = new();

    /// <summary>Seeds every draw; two runs with one seed choose the same pairs.</summary>
    public int Seed { get; init; }
}
