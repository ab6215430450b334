using FisherKernels.Kernels;

namespace FisherKernels.Gpu.Device;

/// <summary>The non-linearity of a hidden layer (MATH.md §1).</summary>
internal static class Nonlinear
{
    /// <summary>x Φ(x)  (GELU)   or   max(x, 0)  (ReLU).</summary>
    public static float Of(Activation activation, float x) =>
        activation == Activation.Relu ? (x < 0 ? 0 : x) : x * Normal.Distribution(x, Normal.Bell(x));
}
