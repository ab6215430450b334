using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FisherKernels.Kernels.Numerics;

/// <summary>Products of matrices on one thread: c = a·b or c += a·b, float or double, any strides of a and b.</summary>
/// <remarks>
/// <code>
/// a  [m, k]   read where it lies, one number broadcast at a time
/// b  [k, n]   packed: panels of Width columns, zero padded, each k after k
/// c  [m, n]   in tiles of Height × Width that stay in registers for Depth steps of k
/// </code>
/// (Goto and van de Geijn 2008; a is not packed, since here it is either thin or read only once.)
/// A number of c is one chain of fused multiply-adds in ascending k for each Depth steps, and the sum of those chains in
/// ascending order: it does not depend on the tile it lies in, nor on the width of the vectors.
/// </remarks>
internal static class Gemm
{
    /// <summary>Steps of k between two visits to c: a panel of so many steps, 32 KB, stays in the nearest caches.</summary>
    public const int Depth = 256;

    /// <summary>What part of a product is not known beforehand.</summary>
    public enum Part
    {
        /// <summary>All of it.</summary>
        Full,

        /// <summary>b is upper triangular: b[k, j] = 0 for k &gt; j.</summary>
        UpperFactor,

        /// <summary>c is symmetric: tiles that lie above the diagonal are left alone.</summary>
        LowerResult,
    }

    // 16 of 32 registers accumulate with AVX-512, 8 of 16 with AVX2: enough chains to hide the latency of a multiply-add.
    private static int Height => Vector512.IsHardwareAccelerated ? 8 : 4;

    /// <summary>Columns of a panel.</summary>
    public static int Width<T>()
        where T : unmanaged => 2 * (Vector512.IsHardwareAccelerated ? Vector512<T>.Count : Vector256<T>.Count);

    /// <summary>Panels that n columns fill.</summary>
    public static int Panels<T>(int n)
        where T : unmanaged => (n + Width<T>() - 1) / Width<T>();

    /// <summary>Packs b, b[kk, j] = <paramref name="b"/>[kk·kStride + j·jStride], where one of the strides is 1.</summary>
    /// <param name="b">The numbers of b.</param>
    /// <param name="kStride">From one step of k to the next; 1 where b is given transposed.</param>
    /// <param name="jStride">From one column to the next.</param>
    /// <param name="k">Steps of k.</param>
    /// <param name="n">Columns of b.</param>
    /// <param name="packed">[panels, k, Width], out.</param>
    /// <param name="part"><see cref="Part.UpperFactor"/>: what lies below the diagonal is not read.</param>
    public static void Pack<T>(ReadOnlySpan<T> b, int kStride, int jStride, int k, int n, Span<T> packed, Part part = Part.Full)
        where T : unmanaged
    {
        int width = Width<T>(), whole = n / width;
        if (n % width > 0)
        {
            packed.Slice(whole * k * width, k * width).Clear();
        }

        if (jStride == 1 && part != Part.UpperFactor)
        {
            // Row by row: the rows of b may be pages apart.
            for (int kk = 0; kk < k; kk++)
            {
                ReadOnlySpan<T> row = b.Slice(kk * kStride, n);
                for (int panel = 0; panel < whole; panel++)
                {
                    Copy(ref Unsafe.AsRef(in row[panel * width]), ref packed[(panel * k + kk) * width], width);
                }

                if (whole * width < n)
                {
                    row[(whole * width)..].CopyTo(packed[(whole * k * width + kk * width)..]);
                }
            }

            return;
        }

        for (int j = 0; j < n && k > 0; j++)
        {
            ReadOnlySpan<T> column = b[(j * jStride)..];
            Span<T> lane = packed[(j / width * k * width + j % width)..];
            int end = part == Part.UpperFactor ? Math.Min(k, j + 1) : k;
            for (int kk = 0; kk < end; kk++)
            {
                lane[kk * width] = column[kk * kStride];
            }

            for (int kk = end; kk < k; kk++)
            {
                lane[kk * width] = default;
            }
        }
    }

    /// <summary>c = a·b, or c += a·b, with a[i, kk] = <paramref name="a"/>[i·rowStride + kk·kStride].</summary>
    /// <param name="m">Rows of a and c.</param>
    /// <param name="n">Columns of b and c.</param>
    /// <param name="k">Inner width.</param>
    /// <param name="a">The numbers of a.</param>
    /// <param name="rowStride">From one row to the next; 1 where a is given transposed.</param>
    /// <param name="kStride">From one step of k to the next.</param>
    /// <param name="packed">b, panel after panel.</param>
    /// <param name="c">[m, n], row after row.</param>
    /// <param name="ldc">From one row of c to the next.</param>
    /// <param name="add">Adds to c what would be written over it.</param>
    /// <param name="part">What part of the work is not known beforehand.</param>
    public static void Multiply<T>(
        int m, int n, int k, ReadOnlySpan<T> a, int rowStride, int kStride, ReadOnlySpan<T> packed, Span<T> c, int ldc,
        bool add, Part part = Part.Full)
        where T : unmanaged, INumberBase<T>
    {
        int width = Width<T>(), panels = Panels<T>(n);
        Span<T> tile = stackalloc T[Height * width];
        for (int k0 = 0; k0 < k || k0 == 0; k0 += Depth)
        {
            for (int panel = 0; panel < panels; panel++)
            {
                int j = panel * width, end = part == Part.UpperFactor ? Math.Min(k, j + width) : k, steps = Math.Min(Depth, end - k0);
                if (steps <= 0 && k0 > 0)
                {
                    continue;
                }

                int i = part == Part.LowerResult ? j / Height * Height : 0;
                for (; i < m; i += Height)
                {
                    int rows = Math.Min(Height, m - i);
                    int columns = Math.Min(width, n - j);
                    Span<T> corner = c[(i * ldc + j)..];
                    if (steps > 0)
                    {
                        // A tile that is whole goes straight to its place.
                        bool isWhole = rows == Height && columns == width;
                        Tile(
                            steps, ref Unsafe.AsRef(in a[i * rowStride + k0 * kStride]), rowStride, kStride, rows,
                            ref Unsafe.AsRef(in packed[(panel * k + k0) * width]),
                            ref MemoryMarshal.GetReference(isWhole ? corner[..((Height - 1) * ldc + width)] : tile),
                            isWhole ? ldc : width, isWhole && (add || k0 > 0));
                        if (isWhole)
                        {
                            continue;
                        }
                    }
                    else
                    {
                        tile.Clear();
                    }

                    Store(tile, width, rows, columns, corner, ldc, add || k0 > 0);
                }
            }
        }
    }

    private static void Store<T>(ReadOnlySpan<T> tile, int width, int rows, int columns, Span<T> c, int ldc, bool add)
        where T : unmanaged, INumberBase<T>
    {
        for (int r = 0; r < rows; r++)
        {
            ReadOnlySpan<T> sums = tile.Slice(r * width, columns);
            Span<T> row = c.Slice(r * ldc, columns);
            if (add)
            {
                System.Numerics.Tensors.TensorPrimitives.Add(sums, row, row);
            }
            else
            {
                sums.CopyTo(row);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<T>(ref T from, ref T to, int width)
        where T : unmanaged
    {
        for (int j = 0; j < width; j += Vector256<T>.Count)
        {
            Vector256.LoadUnsafe(ref from, (nuint)j).StoreUnsafe(ref to, (nuint)j);
        }
    }

    private static void Tile<T>(int steps, ref T a, nint rowStride, nint kStride, int rows, ref T b, ref T c, nint ldc, bool add)
        where T : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Tile512(steps, ref a, rowStride, kStride, rows, ref b, ref c, ldc, add);
        }
        else
        {
            Tile256(steps, ref a, rowStride, kStride, rows, ref b, ref c, ldc, add);
        }
    }

    // Rows that do not exist are read as row 0, and their sums are not stored.
    private static void Tile512<T>(int steps, ref T a, nint rowStride, nint kStride, int rows, ref T b, ref T c, nint ldc, bool add)
        where T : unmanaged
    {
        nint row1 = rows > 1 ? rowStride : 0, row2 = rows > 2 ? 2 * rowStride : 0, row3 = rows > 3 ? 3 * rowStride : 0;
        nint row4 = rows > 4 ? 4 * rowStride : 0, row5 = rows > 5 ? 5 * rowStride : 0;
        nint row6 = rows > 6 ? 6 * rowStride : 0, row7 = rows > 7 ? 7 * rowStride : 0;
        Vector512<T> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        Vector512<T> c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
        nint width = 2 * Vector512<T>.Count;
        for (int kk = 0; kk < steps; kk++)
        {
            Vector512<T> b0 = Vector512.LoadUnsafe(ref b), b1 = Vector512.LoadUnsafe(ref b, (nuint)Vector512<T>.Count);
            Vector512<T> x = Vector512.Create(a);
            c00 = MultiplyAdd(x, b0, c00);
            c01 = MultiplyAdd(x, b1, c01);
            x = Vector512.Create(Unsafe.Add(ref a, row1));
            c10 = MultiplyAdd(x, b0, c10);
            c11 = MultiplyAdd(x, b1, c11);
            x = Vector512.Create(Unsafe.Add(ref a, row2));
            c20 = MultiplyAdd(x, b0, c20);
            c21 = MultiplyAdd(x, b1, c21);
            x = Vector512.Create(Unsafe.Add(ref a, row3));
            c30 = MultiplyAdd(x, b0, c30);
            c31 = MultiplyAdd(x, b1, c31);
            x = Vector512.Create(Unsafe.Add(ref a, row4));
            c40 = MultiplyAdd(x, b0, c40);
            c41 = MultiplyAdd(x, b1, c41);
            x = Vector512.Create(Unsafe.Add(ref a, row5));
            c50 = MultiplyAdd(x, b0, c50);
            c51 = MultiplyAdd(x, b1, c51);
            x = Vector512.Create(Unsafe.Add(ref a, row6));
            c60 = MultiplyAdd(x, b0, c60);
            c61 = MultiplyAdd(x, b1, c61);
            x = Vector512.Create(Unsafe.Add(ref a, row7));
            c70 = MultiplyAdd(x, b0, c70);
            c71 = MultiplyAdd(x, b1, c71);
            a = ref Unsafe.Add(ref a, kStride);
            b = ref Unsafe.Add(ref b, width);
        }

        Put(ref c, 0 * ldc, add, c00, c01);
        Put(ref c, 1 * ldc, add, c10, c11);
        Put(ref c, 2 * ldc, add, c20, c21);
        Put(ref c, 3 * ldc, add, c30, c31);
        Put(ref c, 4 * ldc, add, c40, c41);
        Put(ref c, 5 * ldc, add, c50, c51);
        Put(ref c, 6 * ldc, add, c60, c61);
        Put(ref c, 7 * ldc, add, c70, c71);
    }

    private static void Tile256<T>(int steps, ref T a, nint rowStride, nint kStride, int rows, ref T b, ref T c, nint ldc, bool add)
        where T : unmanaged
    {
        nint row1 = rows > 1 ? rowStride : 0, row2 = rows > 2 ? 2 * rowStride : 0, row3 = rows > 3 ? 3 * rowStride : 0;
        Vector256<T> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        nint width = 2 * Vector256<T>.Count;
        for (int kk = 0; kk < steps; kk++)
        {
            Vector256<T> b0 = Vector256.LoadUnsafe(ref b), b1 = Vector256.LoadUnsafe(ref b, (nuint)Vector256<T>.Count);
            Vector256<T> x = Vector256.Create(a);
            c00 = MultiplyAdd(x, b0, c00);
            c01 = MultiplyAdd(x, b1, c01);
            x = Vector256.Create(Unsafe.Add(ref a, row1));
            c10 = MultiplyAdd(x, b0, c10);
            c11 = MultiplyAdd(x, b1, c11);
            x = Vector256.Create(Unsafe.Add(ref a, row2));
            c20 = MultiplyAdd(x, b0, c20);
            c21 = MultiplyAdd(x, b1, c21);
            x = Vector256.Create(Unsafe.Add(ref a, row3));
            c30 = MultiplyAdd(x, b0, c30);
            c31 = MultiplyAdd(x, b1, c31);
            a = ref Unsafe.Add(ref a, kStride);
            b = ref Unsafe.Add(ref b, width);
        }

        Put(ref c, 0 * ldc, add, c00, c01);
        Put(ref c, 1 * ldc, add, c10, c11);
        Put(ref c, 2 * ldc, add, c20, c21);
        Put(ref c, 3 * ldc, add, c30, c31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(ref T c, nint row, bool add, Vector512<T> left, Vector512<T> right)
        where T : unmanaged
    {
        ref T to = ref Unsafe.Add(ref c, row);
        nuint next = (nuint)Vector512<T>.Count;
        if (add)
        {
            left += Vector512.LoadUnsafe(ref to);
            right += Vector512.LoadUnsafe(ref to, next);
        }

        left.StoreUnsafe(ref to);
        right.StoreUnsafe(ref to, next);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(ref T c, nint row, bool add, Vector256<T> left, Vector256<T> right)
        where T : unmanaged
    {
        ref T to = ref Unsafe.Add(ref c, row);
        nuint next = (nuint)Vector256<T>.Count;
        if (add)
        {
            left += Vector256.LoadUnsafe(ref to);
            right += Vector256.LoadUnsafe(ref to, next);
        }

        left.StoreUnsafe(ref to);
        right.StoreUnsafe(ref to, next);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> MultiplyAdd<T>(Vector512<T> x, Vector512<T> y, Vector512<T> sum)
        where T : unmanaged => typeof(T) == typeof(float)
        ? Vector512.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), sum.AsSingle()).As<float, T>()
        : Vector512.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), sum.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> MultiplyAdd<T>(Vector256<T> x, Vector256<T> y, Vector256<T> sum)
        where T : unmanaged => typeof(T) == typeof(float)
        ? Vector256.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), sum.AsSingle()).As<float, T>()
        : Vector256.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), sum.AsDouble()).As<double, T>();
}
