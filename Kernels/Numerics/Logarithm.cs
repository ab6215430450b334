namespace FisherKernels.Kernels.Numerics;

/// <summary>Logarithm in float64 from multiplications and two divisions: a device's own is slow, or good to float32.</summary>
public static class Logarithm
{
    private const double Ln2 = 0.69314718055994531;

    /// <summary>log(1 + x) for finite x > −1, to a few units of the last digit also where x is tiny.</summary>
    /// <remarks>
    /// u = 1 + x as rounded, log(1 + x) = log u · x/(u − 1) (Higham 2002, §1.14.1). u = 2ᵉ m with m in [√½, √2):
    /// log m = 2 artanh(s) = 2s(1 + s²/3 + s⁴/5 + …), s = (m − 1)/(m + 1), |s| &lt; 0.172; eleven terms leave 10⁻¹⁸.
    /// </remarks>
    public static double OnePlus(double x)
    {
        double u = 1 + x, excess = u - 1;
        if (excess == 0)
        {
            return x;
        }

        // Both parts of the float64: 11 bits of exponent above 52 of the mantissa.
        // It runs in kernels as well: of BitConverter ILGPU knows the signed half.
        long bits = BitConverter.DoubleToInt64Bits(u);
        int exponent = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        double s = (m - 1) / (m + 1), s2 = s * s;
        double sum = 1.0 / 21;
        sum = sum * s2 + 1.0 / 19;
        sum = sum * s2 + 1.0 / 17;
        sum = sum * s2 + 1.0 / 15;
        sum = sum * s2 + 1.0 / 13;
        sum = sum * s2 + 1.0 / 11;
        sum = sum * s2 + 1.0 / 9;
        sum = sum * s2 + 1.0 / 7;
        sum = sum * s2 + 1.0 / 5;
        sum = sum * s2 + 1.0 / 3;
        sum = sum * s2 + 1;
        return (exponent * Ln2 + 2 * s * sum) * (x / excess);
    }
}
