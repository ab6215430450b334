using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FisherKernels.Kernels.Numerics;

/// <summary>
/// Algebra of vectors and small matrices in float64 on the host; each sum has a fixed order, so the same input gives the same bits on
/// every machine.
/// </summary>
/// <remarks>
/// All methods may be called from several threads. Spans of unequal length are refused with an <see cref="ArgumentException"/>.
/// </remarks>
public static class Vectors
{
    /// <summary>Adds scale·x to <paramref name="sum"/>, of the length of <paramref name="x"/>; one fused multiply-add a value.</summary>
    public static void AddMultiple(double scale, ReadOnlySpan<double> x, Span<double> sum)
    {
        Require(x.Length, sum.Length);
        ref double from = ref MemoryMarshal.GetReference(x), to = ref MemoryMarshal.GetReference(sum);
        Vector256<double> factor = Vector256.Create(scale);
        int j = 0;
        for (; j <= sum.Length - Vector256<double>.Count; j += Vector256<double>.Count)
        {
            nuint at = (nuint)j;
            Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref from, at), Vector256.LoadUnsafe(ref to, at))
                .StoreUnsafe(ref to, at);
        }

        for (; j < sum.Length; j++)
        {
            sum[j] = Math.FusedMultiplyAdd(scale, x[j], sum[j]);
        }
    }

    /// <summary>
    /// ‖x − y‖² of vectors of equal length, in eight sums that are added at the end, whatever the width of the machine's vectors.
    /// </summary>
    public static double SquaredDistance(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Require(x.Length, y.Length);
        ref double left = ref MemoryMarshal.GetReference(x), right = ref MemoryMarshal.GetReference(y);
        Vector256<double> low = default, high = default;
        int j = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<double> both = default;
            for (; j <= x.Length - Vector512<double>.Count; j += Vector512<double>.Count)
            {
                Vector512<double> dz = Vector512.LoadUnsafe(ref left, (nuint)j) - Vector512.LoadUnsafe(ref right, (nuint)j);
                both = Vector512.FusedMultiplyAdd(dz, dz, both);
            }

            (low, high) = (both.GetLower(), both.GetUpper());
        }

        for (; j <= x.Length - 2 * Vector256<double>.Count; j += 2 * Vector256<double>.Count)
        {
            Vector256<double> dz = Vector256.LoadUnsafe(ref left, (nuint)j) - Vector256.LoadUnsafe(ref right, (nuint)j);
            low = Vector256.FusedMultiplyAdd(dz, dz, low);
            dz = Vector256.LoadUnsafe(ref left, (nuint)j + 4) - Vector256.LoadUnsafe(ref right, (nuint)j + 4);
            high = Vector256.FusedMultiplyAdd(dz, dz, high);
        }

        double sum = Vector256.Sum(low + high);
        for (; j < x.Length; j++)
        {
            sum += (x[j] - y[j]) * (x[j] - y[j]);
        }

        return sum;
    }

    /// <summary>
    /// xᵀy of vectors of equal length, in eight sums that are added at the end, whatever the width of the machine's vectors.
    /// </summary>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Require(x.Length, y.Length);
        ref double left = ref MemoryMarshal.GetReference(x), right = ref MemoryMarshal.GetReference(y);
        Vector256<double> low = default, high = default;
        int j = 0;
        for (; j <= x.Length - 2 * Vector256<double>.Count; j += 2 * Vector256<double>.Count)
        {
            nuint at = (nuint)j;
            low = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref left, at), Vector256.LoadUnsafe(ref right, at), low);
            high = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref left, at + 4), Vector256.LoadUnsafe(ref right, at + 4), high);
        }

        double sum = Vector256.Sum(low + high);
        for (; j < x.Length; j++)
        {
            sum = Math.FusedMultiplyAdd(x[j], y[j], sum);
        }

        return sum;
    }

    /// <summary>(x − x2)ᵀ(y − y2); the same bits with both differences the other way round.</summary>
    internal static double DotOfDifferences(
        ReadOnlySpan<double> x, ReadOnlySpan<double> x2, ReadOnlySpan<double> y, ReadOnlySpan<double> y2)
    {
        ref double left = ref MemoryMarshal.GetReference(x), left2 = ref MemoryMarshal.GetReference(x2);
        ref double right = ref MemoryMarshal.GetReference(y), right2 = ref MemoryMarshal.GetReference(y2);
        Vector256<double> low = default, high = default;
        int j = 0;
        for (; j <= x.Length - 2 * Vector256<double>.Count; j += 2 * Vector256<double>.Count)
        {
            nuint at = (nuint)j;
            low = Vector256.FusedMultiplyAdd(
                Vector256.LoadUnsafe(ref left, at) - Vector256.LoadUnsafe(ref left2, at),
                Vector256.LoadUnsafe(ref right, at) - Vector256.LoadUnsafe(ref right2, at), low);
            high = Vector256.FusedMultiplyAdd(
                Vector256.LoadUnsafe(ref left, at + 4) - Vector256.LoadUnsafe(ref left2, at + 4),
                Vector256.LoadUnsafe(ref right, at + 4) - Vector256.LoadUnsafe(ref right2, at + 4), high);
        }

        double sum = Vector256.Sum(low + high);
        for (; j < x.Length; j++)
        {
            sum = Math.FusedMultiplyAdd(x[j] - x2[j], y[j] - y2[j], sum);
        }

        return sum;
    }

    /// <summary>y = A x for a symmetric A, [d, d] row by row: each y[j] is summed over k in ascending order.</summary>
    internal static void MultiplySymmetric(ReadOnlySpan<double> a, ReadOnlySpan<double> x, Span<double> y)
    {
        const int Strip = 32;
        int d = x.Length, j = 0;
        ref double from = ref MemoryMarshal.GetReference(a), to = ref MemoryMarshal.GetReference(y);
        for (; j <= d - Strip; j += Strip)
        {
            Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default;
            Vector256<double> s4 = default, s5 = default, s6 = default, s7 = default;
            nuint at = (nuint)j;
            foreach (double factor in x)
            {
                Vector256<double> f = Vector256.Create(factor);
                s0 = Vector256.FusedMultiplyAdd(f, Vector256.LoadUnsafe(ref from, at), s0);
                s1 = Vector256.FusedMultiplyAdd(f, Vector256.LoadUnsafe(ref from, at + 4), s1);
                s2 = Vector256.FusedMultiplyAdd(f, Vector256.LoadUnsafe(ref from, at + 8), s2);
                s3 = Vector256.FusedMultiplyAdd(f, Vector256.LoadUnsafe(ref from, at + 12), s3);
                s4 = Vector256.FusedMultiplyAdd(f, Vector256.LoadUnsafe(ref from, at + 16), s4);
                s5 = Vector256.FusedMultiplyAdd(f, Vector256.LoadUnsafe(ref from, at + 20), s5);
                s6 = Vector256.FusedMultiplyAdd(f, Vector256.LoadUnsafe(ref from, at + 24), s6);
                s7 = Vector256.FusedMultiplyAdd(f, Vector256.LoadUnsafe(ref from, at + 28), s7);
                at += (nuint)d;
            }

            at = (nuint)j;
            s0.StoreUnsafe(ref to, at);
            s1.StoreUnsafe(ref to, at + 4);
            s2.StoreUnsafe(ref to, at + 8);
            s3.StoreUnsafe(ref to, at + 12);
            s4.StoreUnsafe(ref to, at + 16);
            s5.StoreUnsafe(ref to, at + 20);
            s6.StoreUnsafe(ref to, at + 24);
            s7.StoreUnsafe(ref to, at + 28);
        }

        if (j < d)
        {
            y[j..].Clear();
            for (int k = 0; k < d; k++)
            {
                AddMultiple(x[k], a.Slice(k * d + j, d - j), y[j..]);
            }
        }
    }

    /// <summary>Adds scale·xxᵀ to a matrix: the outer product of rank one, by which the information of a pair enters a sum.</summary>
    /// <param name="scale">The factor, such as w·v of a pair.</param>
    /// <param name="x">[d].</param>
    /// <param name="matrix">[d, d] row by row.</param>
    public static void AddOuterProduct(double scale, ReadOnlySpan<double> x, Span<double> matrix)
    {
        Require(x.Length * x.Length, matrix.Length);
        for (int j = 0; j < x.Length; j++)
        {
            AddMultiple(scale * x[j], x, matrix.Slice(j * x.Length, x.Length));
        }
    }

    /// <summary>Writes the mean of rows, summed in their order; zeros where there is no row.</summary>
    /// <param name="rows">[rows, d] row by row.</param>
    /// <param name="mean">[d], out.</param>
    public static void Mean(ReadOnlySpan<double> rows, Span<double> mean)
    {
        int d = mean.Length, count = d == 0 ? 0 : rows.Length / d;
        Require(count * d, rows.Length);
        mean.Clear();
        for (int a = 0; a < count; a++)
        {
            AddMultiple(1, rows.Slice(a * d, d), mean);
        }

        TensorPrimitives.Divide(mean, Math.Max(count, 1), mean);
    }

    /// <summary>
    /// Subtracts the mean of all rows from each: what all have in common cancels in a difference of two, and so before it can round.
    /// </summary>
    /// <param name="rows">[rows, d] row by row, in place.</param>
    /// <param name="d">Width of a row.</param>
    public static void Centre(Span<double> rows, int d)
    {
        var mean = new double[d];
        Mean(rows, mean);
        for (int at = 0; at < rows.Length && d > 0; at += d)
        {
            AddMultiple(-1, mean, rows.Slice(at, d));
        }
    }

    /// <summary>Indices of all values, the largest value first, equal ones in ascending order.</summary>
    public static int[] Descending(ReadOnlySpan<double> values)
    {
        double[] keys = values.ToArray();
        int[] indices = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(indices, (i, j) => keys[j].CompareTo(keys[i]) is var order and not 0 ? order : i.CompareTo(j));
        return indices;
    }

    /// <summary>Index of the first value that is NaN or infinite; −1 where all are finite.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static int IndexOfNonFinite<T>(ReadOnlySpan<T> values)
        where T : INumberBase<T>
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Require(int expected, int length, [CallerArgumentExpression(nameof(length))] string name = "")
    {
        if (length != expected)
        {
            Refuse(expected, length, name);
        }
    }

    private static void Refuse(int expected, int length, string name) =>
        throw new ArgumentException($"{name} is {length}, expected {expected}.");
}
