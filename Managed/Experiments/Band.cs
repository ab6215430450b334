using MathNet.Numerics.Distributions;

namespace FisherKernels.Experiments;

/// <summary>A mean over seeds with its 95 % confidence interval, mean ± t₀.₉₇₅,ₙ₋₁ · s/√n (Student).</summary>
/// <param name="Mean">NaN for no values.</param>
/// <param name="HalfWidth">Half the interval; NaN for fewer than two values.</param>
public readonly record struct Band(double Mean, double HalfWidth)
{
    /// <summary>The mean and interval of some values; NaN among them makes both numbers NaN.</summary>
    /// <param name="values">One a seed.</param>
    public static Band From(params ReadOnlySpan<double> values)
    {
        int n = values.Length;
        double sum = 0, squares = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        double mean = sum / n;
        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        double halfWidth = n < 2
            ? double.NaN
            : StudentT.InvCDF(0, 1, n - 1, 0.975) * Math.Sqrt(squares / (n - 1) / n);
        return new Band(mean, halfWidth);
    }
}
