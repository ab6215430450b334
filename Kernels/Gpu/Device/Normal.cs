using ILGPU.Algorithms;

namespace FisherKernels.Gpu.Device;

/// <summary>The normal distribution in float32, from one exponential.</summary>
internal static class Normal
{
    /// <summary>e^(−x²/2).</summary>
    public static float Bell(float x) => XMath.Exp(-0.5f * x * x);

    /// <summary>Φ(x), to a few 2⁻²⁴ of itself and of the device's exponential.</summary>
    /// <remarks>
    /// Φ(−|x|) = e^(−x²/2) t P(t) with t = 1/(1 + 0.3|x|), which maps [0, ∞) to (0, 1] (Shepherd and Laframboise 1981). P
    /// interpolates at the eleven Chebyshev points of [0, 1], relative error 3·10⁻⁸. No branch, and no 1 + erf that cancels
    /// in the left tail.
    /// </remarks>
    /// <param name="x">Any number.</param>
    /// <param name="bell">e^(−x²/2).</param>
    public static float Distribution(float x, float bell)
    {
        float t = 1 / (1 + 0.3f * XMath.Abs(x));
        float p = -0.00932887061f;
        p = p * t + 0.0318847457f;
        p = p * t - 0.0160454973f;
        p = p * t - 0.0489073924f;
        p = p * t + 0.0343721748f;
        p = p * t + 0.0110176089f;
        p = p * t + 0.0618644975f;
        p = p * t + 0.0868305154f;
        p = p * t + 0.108947781f;
        p = p * t + 0.119681743f;
        p = p * t + 0.119682688f;
        float tail = bell * t * p;
        return x < 0 ? tail : 1 - tail;
    }
}
