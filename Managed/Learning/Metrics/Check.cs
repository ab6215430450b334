using System.Numerics;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Metrics;

/// <summary>What every metric asks of its rewards.</summary>
internal static class Check
{
    /// <summary>Number of prompts.</summary>
    public static int Prompts(int predicted, int golden, int responses)
    {
        SameLength(predicted, golden);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(responses);
        if (predicted % responses != 0)
        {
            throw new ArgumentException(
                $"{predicted} rewards are not a whole number of prompts with {responses} responses each.", nameof(predicted));
        }

        return predicted / responses;
    }

    public static void SameLength(int first, int second)
    {
        if (first != second)
        {
            throw new ArgumentException($"One list has {first} values, the other {second}.");
        }
    }

    public static void NoNaN<T>(ReadOnlySpan<T> values, string name)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (T.IsNaN(values[i]))
            {
                throw new ArgumentException($"{name}[{i}] is NaN; it has no rank.", name);
            }
        }
    }

    public static void Finite<T>(ReadOnlySpan<T> values, string name)
        where T : IFloatingPointIeee754<T>
    {
        int i = Vectors.IndexOfNonFinite(values);
        if (i >= 0)
        {
            throw new ArgumentException(FormattableString.Invariant($"{name}[{i}] is {values[i]}, expected a finite number."), name);
        }
    }

    public static double[] Widen(ReadOnlySpan<float> values)
    {
        var wide = new double[values.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = values[i];
        }

        return wide;
    }
}
