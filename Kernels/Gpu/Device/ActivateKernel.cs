using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Non-linearity of a hidden layer.</summary>
/// <remarks>
/// <code>
/// y = x Φ(x)  (GELU)   or   max(x, 0)  (ReLU)                                         MATH.md §1
///
/// x_nH  [n,H]   float
/// y_nH  [n,H]   float   out
/// </code>
/// Launch: one thread per number, any group size.
/// Cost: two floats of traffic a number; about 30 operations for GELU.
/// </remarks>
internal static class ActivateKernel
{
    public static void Run(Index1D i, ArrayView<float> x_nH, ArrayView<float> y_nH, Activation activation)
    {
        y_nH[i] = Nonlinear.Of(activation, x_nH[i]);
    }
}
