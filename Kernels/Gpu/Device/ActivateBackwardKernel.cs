using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Backward through the non-linearity of a hidden layer.</summary>
/// <remarks>
/// <code>
/// dx = dy (Φ(x) + x φ(x))  (GELU)   or   dy [x > 0]  (ReLU)      φ(x) = e^(−x²/2)/√2π   MATH.md §1
///
/// x_nH   [n,H]   float   what went into the activation
/// dy_nH  [n,H]   float
/// dx_nH  [n,H]   float   out; may be dy_nH
/// </code>
/// Launch: one thread per number, any group size.
/// Cost: three floats of traffic a number; about 30 operations for GELU.
/// </remarks>
internal static class ActivateBackwardKernel
{
    private const float InverseRootTwoPi = 0.398942280f;

    public static void Run(
        Index1D i, ArrayView<float> x_nH, ArrayView<float> dy_nH, ArrayView<float> dx_nH, Activation activation)
    {
        float x = x_nH[i], bell = Normal.Bell(x);
        float slope = activation == Activation.Relu
            // Literals of type float: ILGPU 1.5.3 takes the bits of the integers in (x > 0 ? 1 : 0) for a float's.
            ? (x > 0 ? 1f : 0f)
            : Normal.Distribution(x, bell) + x * bell * InverseRootTwoPi;
        dx_nH[i] = dy_nH[i] * slope;
    }
}
