namespace FisherKernels.Learning.Acquisition;

/// <summary>The criterion log det(λ1 + I_past + Σ v δδᵀ) of a batch (MATH.md §3), in nats.</summary>
/// <param name="IsWeighted">Whether v is p(1 − p), the variance of the answer under the model: Fisher information (MATH.md §2); else it is
/// 1, the design of a linear regression, whatever the model predicts (paper, eq. 7).</param>
/// <param name="IsPastAware">Whether I_past holds what the labelled pairs tell; else it is 0.</param>
public sealed record LogDetCriterion(bool IsWeighted = true, bool IsPastAware = false);
