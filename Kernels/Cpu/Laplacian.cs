using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FisherKernels.Kernels.Cpu;

/// <summary>Rows of ΛΦ, Λ the Laplacian of the pairs weighted by v (MATH.md §2).</summary>
internal static unsafe class Laplacian
{
    private const int Strip = 64;
    private const int NarrowStrip = 16;

    // In pairs; the numbers of a pair have to be there before its row can be called.
    private const int PairsAhead = 32, RowsAhead = 12;

    // In floats.
    private const int CacheLine = 16;

    /// <summary>Whether rows of so many columns have a strip of the widest kind.</summary>
    public static bool HasWideStrip(int d) => Vector512.IsHardwareAccelerated && Avx512F.IsSupported && d >= Strip;

    /// <summary>sum = Σ v_i (φ_a − φ_b) over the pairs i of response a, in the order of their numbers, in float64.</summary>
    /// <param name="a">The response.</param>
    /// <param name="starts">[R+1], where the pairs of a response begin.</param>
    /// <param name="incident">Numbers of the pairs, response by response.</param>
    /// <param name="incidents">Their number.</param>
    /// <param name="pairs">[n].</param>
    /// <param name="v">[n], weights.</param>
    /// <param name="phi">[R, d].</param>
    /// <param name="d">Columns.</param>
    /// <param name="sum">[d], out.</param>
    /// <typeparam name="TReach">Whether pairs and rows are in a cache.</typeparam>
    public static void Row<TReach>(int a, int* starts, int* incident, int incidents, Pair* pairs, float* v, float* phi, int d, double* sum)
        where TReach : struct, IReach
    {
        int j = 0;
        for (; Vector512.IsHardwareAccelerated && Avx512F.IsSupported && j <= d - Strip; j += Strip)
        {
            Strip512<TReach>(a, starts, incident, incidents, pairs, v, phi + j, d, sum + j);
        }

        for (; j <= d - NarrowStrip; j += NarrowStrip)
        {
            NarrowStrip256<TReach>(a, starts, incident, incidents, pairs, v, phi + j, d, sum + j);
        }

        if (j == d)
        {
            return;
        }

        var rest = new Span<double>(sum + j, d - j);
        rest.Clear();
        foreach (int i in new ReadOnlySpan<int>(incident + starts[a], starts[a + 1] - starts[a]))
        {
            VectorMath.AddDifference(
                v[i], new ReadOnlySpan<float>(phi + (long)a * d + j, d - j),
                new ReadOnlySpan<float>(phi + (long)Other(pairs[i], a) * d + j, d - j), rest);
        }
    }

    // φ_a and the sums stay in registers while the partners' rows pass by.
    private static void Strip512<TReach>(
        int a, int* starts, int* incident, int incidents, Pair* pairs, float* v, float* phi, int d, double* sum)
        where TReach : struct, IReach
    {
        float* x = phi + (long)a * d;
        Vector512<double> x0 = Load(x), x1 = Load(x + 8), x2 = Load(x + 16), x3 = Load(x + 24);
        Vector512<double> x4 = Load(x + 32), x5 = Load(x + 40), x6 = Load(x + 48), x7 = Load(x + 56);
        Vector512<double> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        int end = starts[a + 1], owner = a;
        for (int q = starts[a]; q < end; q++)
        {
            if (TReach.IsFar && q < incidents - PairsAhead)
            {
                owner = LookAhead(q, Strip, owner, starts, incident, pairs, v, phi, d);
            }

            int i = incident[q];
            float* y = phi + (long)Other(pairs[i], a) * d;
            Vector512<double> factor = Vector512.Create((double)v[i]);
            s0 = Vector512.FusedMultiplyAdd(factor, x0 - Load(y), s0);
            s1 = Vector512.FusedMultiplyAdd(factor, x1 - Load(y + 8), s1);
            s2 = Vector512.FusedMultiplyAdd(factor, x2 - Load(y + 16), s2);
            s3 = Vector512.FusedMultiplyAdd(factor, x3 - Load(y + 24), s3);
            s4 = Vector512.FusedMultiplyAdd(factor, x4 - Load(y + 32), s4);
            s5 = Vector512.FusedMultiplyAdd(factor, x5 - Load(y + 40), s5);
            s6 = Vector512.FusedMultiplyAdd(factor, x6 - Load(y + 48), s6);
            s7 = Vector512.FusedMultiplyAdd(factor, x7 - Load(y + 56), s7);
        }

        s0.Store(sum);
        s1.Store(sum + 8);
        s2.Store(sum + 16);
        s3.Store(sum + 24);
        s4.Store(sum + 32);
        s5.Store(sum + 40);
        s6.Store(sum + 48);
        s7.Store(sum + 56);
    }

    private static void NarrowStrip256<TReach>(
        int a, int* starts, int* incident, int incidents, Pair* pairs, float* v, float* phi, int d, double* sum)
        where TReach : struct, IReach
    {
        float* x = phi + (long)a * d;
        (Vector256<double> x0, Vector256<double> x1) = Vector256.Widen(Vector256.Load(x));
        (Vector256<double> x2, Vector256<double> x3) = Vector256.Widen(Vector256.Load(x + 8));
        Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default;
        int end = starts[a + 1], owner = a;
        for (int q = starts[a]; q < end; q++)
        {
            if (TReach.IsFar && q < incidents - PairsAhead)
            {
                owner = LookAhead(q, NarrowStrip, owner, starts, incident, pairs, v, phi, d);
            }

            int i = incident[q];
            float* y = phi + (long)Other(pairs[i], a) * d;
            Vector256<double> factor = Vector256.Create((double)v[i]);
            (Vector256<double> y0, Vector256<double> y1) = Vector256.Widen(Vector256.Load(y));
            (Vector256<double> y2, Vector256<double> y3) = Vector256.Widen(Vector256.Load(y + 8));
            s0 = Vector256.FusedMultiplyAdd(factor, x0 - y0, s0);
            s1 = Vector256.FusedMultiplyAdd(factor, x1 - y1, s1);
            s2 = Vector256.FusedMultiplyAdd(factor, x2 - y2, s2);
            s3 = Vector256.FusedMultiplyAdd(factor, x3 - y3, s3);
        }

        s0.Store(sum);
        s1.Store(sum + 4);
        s2.Store(sum + 8);
        s3.Store(sum + 12);
    }

    private static Vector512<double> Load(float* x) => Avx512F.ConvertToVector512Double(Vector256.Load(x));

    // Pairs of a response lie anywhere among all, and so do its partners' rows: what is needed some pairs later is called from
    // memory now. The owner follows, for those pairs may be the next responses' already.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LookAhead(
        int q, int width, int owner, int* starts, int* incident, Pair* pairs, float* v, float* phi, int d)
    {
        int i = incident[q + PairsAhead];
        Sse.Prefetch0(pairs + i);
        Sse.Prefetch0(v + i);
        while (starts[owner + 1] <= q + RowsAhead)
        {
            owner++;
        }

        float* y = phi + (long)Other(pairs[incident[q + RowsAhead]], owner) * d;
        for (int j = 0; j < width; j += CacheLine)
        {
            Sse.Prefetch0(y + j);
        }

        return owner;
    }

    // Without a branch: which side of its pairs a response is on cannot be foretold.
    private static int Other(Pair pair, int a) => pair.First ^ pair.Second ^ a;

    /// <summary>Where the numbers of a gather are.</summary>
    public interface IReach
    {
        /// <summary>Whether they come from memory: looking ahead then saves waiting, and costs more than it saves where a cache has
        /// them.</summary>
        static abstract bool IsFar { get; }
    }

    /// <summary>In a cache.</summary>
    public readonly struct Near : IReach
    {
        public static bool IsFar => false;
    }

    /// <summary>In memory.</summary>
    public readonly struct Far : IReach
    {
        public static bool IsFar => Sse.IsSupported;
    }
}
