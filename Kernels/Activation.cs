namespace FisherKernels.Kernels;

/// <summary>Non-linearity of a hidden layer (MATH.md §1).</summary>
public enum Activation
{
    /// <summary>x·Φ(x) with the exact normal distribution function, ½x(1 + erf(x/√2)).</summary>
    Gelu,

    /// <summary>max(x, 0); its derivative at 0 is 0.</summary>
    Relu,
}
