using ILGPU.Algorithms;

namespace FisherKernels.Gpu.Device;

/// <summary>σ, its logarithm and its variance from t = e^−|x|, which neither overflows nor rounds to 1.</summary>
internal static class Logistic
{
    /// <summary>t = e^−|x|.</summary>
    public static float Decay(float x) => XMath.Exp(-XMath.Abs(x));

    /// <summary>σ(x).</summary>
    public static float Probability(float x, float decay) => (x < 0 ? decay : 1) / (1 + decay);

    /// <summary>σ(x)(1 − σ(x)).</summary>
    public static float Variance(float decay) => decay / ((1 + decay) * (1 + decay));

    /// <summary>softplus(−|x|) = log(1 + t), with the same relative error for all t in [0, 1].</summary>
    /// <remarks>
    /// log(1 + t) = 2 artanh(s) = 2s(1 + s²/3 + s⁴/5 + …) with s = t/(2 + t) ≤ 1/3; eight terms leave 3·10⁻⁹. A device's own
    /// logarithm of 1 + t has lost t where it is small.
    /// </remarks>
    public static float Softplus(float decay)
    {
        float s = decay / (2 + decay), s2 = s * s;
        float sum = 1f / 15;
        sum = sum * s2 + 1f / 13;
        sum = sum * s2 + 1f / 11;
        sum = sum * s2 + 1f / 9;
        sum = sum * s2 + 1f / 7;
        sum = sum * s2 + 1f / 5;
        sum = sum * s2 + 1f / 3;
        sum = sum * s2 + 1;
        return 2 * s * sum;
    }
}
