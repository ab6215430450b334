using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Algorithms;

namespace FisherKernels.Gpu.Device;

/// <summary>One step of Adam, in place.</summary>
/// <remarks>
/// <code>
/// m ← β₁m + (1 − β₁)dθ      s ← β₂s + (1 − β₂)dθ²                    Kingma and Ba 2015, algorithm 1
/// θ ← θ − lr·decay·θ − lr · m c₁ / (√(s c₂) + ε)                     c₁ = 1/(1 − β₁ᵗ), c₂ = 1/(1 − β₂ᵗ), from the host
///
/// theta_P   [P]   float   in and out
/// dtheta_P  [P]   float
/// m_P, s_P  [P]   float   in and out
/// </code>
/// Launch: one thread per parameter, any group size.
/// Cost: seven floats of traffic a parameter.
/// </remarks>
internal static class AdamKernel
{
    public static void Run(
        Index1D i, ArrayView<float> theta_P, ArrayView<float> dtheta_P, ArrayView<float> m_P, ArrayView<float> s_P,
        AdamStep step, float correction1, float correction2)
    {
        float m = step.Beta1 * m_P[i] + (1 - step.Beta1) * dtheta_P[i];
        float s = step.Beta2 * s_P[i] + (1 - step.Beta2) * dtheta_P[i] * dtheta_P[i];
        m_P[i] = m;
        s_P[i] = s;
        theta_P[i] -= step.LearningRate * step.WeightDecay * theta_P[i]
            + step.LearningRate * (m * correction1) / (XMath.Sqrt(s * correction2) + step.Epsilon);
    }
}
