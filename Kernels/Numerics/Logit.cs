namespace FisherKernels.Kernels.Numerics;

/// <summary>
/// Functions of a logit x = log p/(1 − p) in float64, each right to a few units of its last digit for every x (MATH.md §1, §4).
/// </summary>
/// <remarks>All go through t = e^−|x|: it neither overflows nor is lost beside 1. The framework's own loses a t below 1e-16.</remarks>
public static class Logit
{
    /// <summary>p = σ(x), in [0, 1]; 1 − p is σ(−x), which keeps its digits where p is nearly 1.</summary>
    public static double Probability(double x)
    {
        double t = Math.Exp(-Math.Abs(x));
        return (x < 0 ? t : 1) / (1 + t);
    }

    /// <summary>log(1 + e^−|x|) in nats: the loss of the likelier outcome.</summary>
    public static double SmallerLoss(double x) => Logarithm.OnePlus(Math.Exp(-Math.Abs(x)));

    /// <summary>Entropy of an outcome of probability σ(x), in nats, in [0, log 2].</summary>
    public static double Entropy(double x)
    {
        double size = Math.Abs(x), t = Math.Exp(-size);
        return t == 0 ? 0 : Logarithm.OnePlus(t) + size * t / (1 + t);
    }
}
