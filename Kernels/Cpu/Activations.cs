using System.Runtime.Intrinsics;

namespace FisherKernels.Kernels.Cpu;

/// <summary>x Φ(x).</summary>
internal readonly struct Gelu : VectorMath.IMap
{
    public static Vector256<float> Of(Vector256<float> x, Vector256<float> dy)
    {
        Vector256<float> y = x * VectorMath.NormalCdf(x, out _);

        // −∞·Φ(−∞) is 0 in the limit, and NaN in arithmetic.
        return Vector256.ConditionalSelect(Vector256.Equals(x, Vector256.Create(float.NegativeInfinity)), -Vector256<float>.Zero, y);
    }
}

/// <summary>dy·(Φ(x) + x φ(x)).</summary>
internal readonly struct GeluBackward : VectorMath.IMap
{
    public static Vector256<float> Of(Vector256<float> x, Vector256<float> dy)
    {
        Vector256<float> cdf = VectorMath.NormalCdf(x, out Vector256<float> density);
        Vector256<float> slope = Vector256.ConditionalSelect(
            Vector256.Equals(density, Vector256<float>.Zero), cdf, Vector256.FusedMultiplyAdd(x, density, cdf));
        return dy * slope;
    }
}

/// <summary>max(x, 0); NaN stays NaN.</summary>
internal readonly struct Relu : VectorMath.IMap
{
    public static Vector256<float> Of(Vector256<float> x, Vector256<float> dy) => Vector256.Max(x, Vector256<float>.Zero);
}

/// <summary>dy where x &gt; 0, else 0.</summary>
internal readonly struct ReluBackward : VectorMath.IMap
{
    public static Vector256<float> Of(Vector256<float> x, Vector256<float> dy) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<float>.Zero), dy, Vector256<float>.Zero);
}
