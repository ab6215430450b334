using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FisherKernels.Kernels.Cpu;

/// <summary>Functions of vectors of numbers.</summary>
/// <remarks>
/// 256 bits, except where the time goes: AVX-512 cores that split a wide vector gain nothing from it here. What is left over at the end
/// goes through the same code in a padded vector, so a number's result does not
/// depend on its place.
/// </remarks>
internal static class VectorMath
{
    /// <summary>A function of two numbers.</summary>
    public interface IMap
    {
        /// <summary>Lane by lane.</summary>
        static abstract Vector256<float> Of(Vector256<float> x, Vector256<float> dy);
    }

    /// <summary>to[j] = f(x[j], dy[j]); <paramref name="to"/> may be either input.</summary>
    public static void Map<TMap>(ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> to)
        where TMap : IMap
    {
        int j = 0;
        for (; j <= x.Length - Vector256<float>.Count; j += Vector256<float>.Count)
        {
            TMap.Of(Vector256.Create(x[j..]), Vector256.Create(dy[j..])).CopyTo(to[j..]);
        }

        if (j < x.Length)
        {
            Span<float> rest = stackalloc float[2 * Vector256<float>.Count];
            rest.Clear();
            x[j..].CopyTo(rest);
            dy[j..].CopyTo(rest[Vector256<float>.Count..]);
            TMap.Of(Vector256.Create<float>(rest), Vector256.Create<float>(rest[Vector256<float>.Count..])).CopyTo(rest);
            rest[..(x.Length - j)].CopyTo(to[j..]);
        }
    }

    /// <summary>e^x for x ≤ 0, with its last digits also where it is tiny; exactly 1 at 0.</summary>
    /// <remarks>
    /// Cephes 2.8, single/expf.c (Moshier 1992). The framework's own is one unit above 1 at 0, and so would v be above ¼.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ExpOfNegative(Vector256<float> x)
    {
        // e^−104 is below half the smallest float.
        x = Vector256.Max(x, Vector256.Create(-104f));
        Vector256<float> n = Vector256.Round(1.44269504f * x);
        Vector256<float> r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        Vector256<float> p = Step(Step(Step(Step(Step(
            Vector256.Create(1.9875691500e-4f), r, 1.3981999507e-3f), r, 8.3334519073e-3f), r, 4.1665795894e-2f), r, 1.6666665459e-1f), r,
                5.0000001201e-1f);
        p = Vector256.FusedMultiplyAdd(p, r * r, r) + Vector256<float>.One;

        // 2ⁿ in two factors: n reaches −150, the exponent of a normal float only −126.
        Vector256<int> power = Vector256.ConvertToInt32(n), half = power >> 1, bias = Vector256.Create(127);
        return p * ((half + bias) << 23).AsSingle() * ((power - half + bias) << 23).AsSingle();
    }

    /// <summary>v = t/(1 + t)², t = e^−|x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Variance(Vector256<float> x)
    {
        Vector256<float> t = ExpOfNegative(-Vector256.Abs(x)), u = Vector256<float>.One + t;
        return t / (u * u);
    }

    /// <summary>log(1 + t) for t in [0, 1], to the last digits also where t is tiny (Higham 2002, §1.14.1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> LogOfOnePlus(Vector256<double> t)
    {
        Vector256<double> u = Vector256<double>.One + t, excess = u - Vector256<double>.One;
        return Vector256.ConditionalSelect(
            Vector256.Equals(excess, Vector256<double>.Zero), t, Vector256.Log(u) * (t / excess));
    }

    /// <summary>Normal distribution function Φ(x), and its density, with small relative error down to the last float.</summary>
    /// <remarks>erf and erfc of Cephes 2.8, single/ndtrf.c (Moshier 1992); e^(−x²/2) from x² in two parts.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> NormalCdf(Vector256<float> x, out Vector256<float> density)
    {
        Vector256<float> square = x * x, rest = Vector256.FusedMultiplyAdd(x, x, -square);
        Vector256<float> bell = ExpOfNegative(-0.5f * square);
        bell = Vector256.ConditionalSelect(
            Vector256.Equals(bell, Vector256<float>.Zero), bell, Vector256.FusedMultiplyAdd(-0.5f * rest, bell, bell));
        density = 0.398942280f * bell;

        // |x|/√2 below 1: ½ + ½ erf, odd in x.
        Vector256<float> z2 = 0.5f * square;
        Vector256<float> inner = Polynomial(
            z2, 7.853861353153693e-5f, -8.010193625184903e-4f, 5.188327685732524e-3f, -2.685381193529856e-2f, 1.128358514861418e-1f,
            -3.761262582423300e-1f, 1.128379165726710f);
        inner = Vector256.FusedMultiplyAdd(inner, 0.353553391f * x, Vector256.Create(0.5f));

        Vector256<float> q = Vector256.Create(1.41421356f) / Vector256.Abs(x), q2 = q * q;
        Vector256<float> near = Polynomial(
            q2, 2.326819970068386e-2f, -1.387039388740657e-1f, 3.687424674597105e-1f, -5.824733027278666e-1f, 6.210004621745983e-1f,
            -4.944515323274145e-1f, 3.404879937665872e-1f, -2.741127028184656e-1f, 5.638259427386472e-1f);
        Vector256<float> far = Polynomial(
            q2, -1.047766399936249e+1f, 1.297719955372516e+1f, -7.495518717768503f, 2.921019019210786f, -1.015265279202700f,
            4.218463358204948e-1f, -2.820767439740514e-1f, 5.641895067754075e-1f);
        Vector256<float> tail = 0.5f * bell * q * Vector256.ConditionalSelect(Vector256.LessThan(z2, Vector256.Create(4f)), near, far);
        tail = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), tail, Vector256<float>.One - tail);
        return Vector256.ConditionalSelect(Vector256.LessThan(z2, Vector256<float>.One), inner, tail);
    }

    /// <summary>sum += x in float64.</summary>
    public static void Add(ReadOnlySpan<float> x, Span<double> sum)
    {
        int j = 0;
        for (; j <= x.Length - Vector256<float>.Count; j += Vector256<float>.Count)
        {
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(Vector256.Create(x[j..]));
            (Vector256.Create<double>(sum[j..]) + low).CopyTo(sum[j..]);
            (Vector256.Create<double>(sum[(j + 4)..]) + high).CopyTo(sum[(j + 4)..]);
        }

        for (; j < x.Length; j++)
        {
            sum[j] += x[j];
        }
    }

    /// <summary>sum += scale·(x − y) in float64.</summary>
    public static void AddDifference(double scale, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<double> sum)
    {
        ref float left = ref MemoryMarshal.GetReference(x), right = ref MemoryMarshal.GetReference(y);
        ref double to = ref MemoryMarshal.GetReference(sum);
        Vector256<double> factor = Vector256.Create(scale);
        int j = 0;
        for (; j <= sum.Length - Vector256<float>.Count; j += Vector256<float>.Count)
        {
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(Vector256.LoadUnsafe(ref left, (nuint)j));
            (Vector256<double> low2, Vector256<double> high2) = Vector256.Widen(Vector256.LoadUnsafe(ref right, (nuint)j));
            Vector256.FusedMultiplyAdd(factor, low - low2, Vector256.LoadUnsafe(ref to, (nuint)j)).StoreUnsafe(ref to, (nuint)j);
            Vector256.FusedMultiplyAdd(factor, high - high2, Vector256.LoadUnsafe(ref to, (nuint)j + 4)).StoreUnsafe(ref to, (nuint)j + 4);
        }

        for (; j < sum.Length; j++)
        {
            sum[j] = Math.FusedMultiplyAdd(scale, (double)x[j] - y[j], sum[j]);
        }
    }

    // Coefficients from the highest power down.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Polynomial(Vector256<float> x, float a, float b, float c, float d, float e, float f, float g) =>
        Step(Step(Step(Step(Step(Step(Vector256.Create(a), x, b), x, c), x, d), x, e), x, f), x, g);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Polynomial(
        Vector256<float> x, float a, float b, float c, float d, float e, float f, float g, float h) =>
        Step(Polynomial(x, a, b, c, d, e, f, g), x, h);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Polynomial(
        Vector256<float> x, float a, float b, float c, float d, float e, float f, float g, float h, float i) =>
        Step(Polynomial(x, a, b, c, d, e, f, g, h), x, i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Step(Vector256<float> sum, Vector256<float> x, float next) =>
        Vector256.FusedMultiplyAdd(sum, x, Vector256.Create(next));
}
