namespace FisherKernels.Kernels;

/// <summary>The constants of one step of Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
/// <param name="Step">t, counted from 1; corrects the bias of both moments.</param>
/// <param name="LearningRate">Step size, ≥ 0.</param>
/// <param name="WeightDecay">Share of a parameter removed per step and unit of learning rate, ≥ 0.</param>
/// <param name="Beta1">Memory of the first moment, in [0, 1).</param>
/// <param name="Beta2">Memory of the second moment, in [0, 1).</param>
/// <param name="Epsilon">Added to the root of the second moment, &gt; 0.</param>
public readonly record struct AdamStep(
    int Step, float LearningRate = 1e-3f, float WeightDecay = 0, float Beta1 = 0.9f, float Beta2 = 0.999f, float Epsilon = 1e-8f)
{
    /// <summary>1 / (1 − β₁ᵗ), formed in double so that it stays exact for large t.</summary>
    internal float Correction1 => (float)(1 / (1 - Math.Pow(Beta1, Step)));

    /// <summary>1 / (1 − β₂ᵗ).</summary>
    internal float Correction2 => (float)(1 / (1 - Math.Pow(Beta2, Step)));
}
