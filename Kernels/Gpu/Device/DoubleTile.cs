using ILGPU;
using ILGPU.Util;

namespace FisherKernels.Gpu.Device;

/// <summary>One thread's sixteen sums of a 32×32 block, in float64: of a product or of squared differences.</summary>
/// <remarks>
/// A thread owns rows 2r, 2r + 1, 16 + 2r and 17 + 2r, and columns likewise: neighbours, which are read as one. Of its number in
/// the group, bits 0, 4
/// and 5 are r and bits 1, 2 and 3 the column's: of four threads two read the same rows and two the same columns, so that shared memory
/// serves half a warp at once. Scalars, not an array: ILGPU does not unroll loops, and an array indexed by a loop variable would
/// lie in slow
/// local memory.
/// </remarks>
internal struct DoubleTile
{
    private const int Line = DoubleBlock.Line / 2, Half = DoubleBlock.Side / 4;

    private double _00, _01, _02, _03, _10, _11, _12, _13, _20, _21, _22, _23, _30, _31, _32, _33;

    private static int Row => (Group.IdxX & 1) | (Group.IdxX >> 4 << 1);

    private static int Column => (Group.IdxX >> 1) & 7;

    /// <summary>sum[r, c] += Σ_k a[k, r] b[k, c], k ascending.</summary>
    public void Add(ArrayView<double> a_kr, ArrayView<double> b_kc)
    {
        ArrayView<Double2> a2 = DoubleBlock.Pairs(a_kr), b2 = DoubleBlock.Pairs(b_kc);
        int a = Row, b = Column;
        for (int k = 0; k < DoubleBlock.Side; k++, a += Line, b += Line)
        {
            Add(a2[a], a2[a + Half], b2[b], b2[b + Half]);
        }
    }

    /// <summary>left[r, c] += Σ_k a[k, r] leftB[k, c] and right[r, c] += Σ_k a[k, r] rightB[k, c], k ascending: a is read once for
    /// both.</summary>
    public static void Add(
        ref DoubleTile left, ref DoubleTile right, ArrayView<double> a_kr, ArrayView<double> leftB_kc, ArrayView<double> rightB_kc)
    {
        ArrayView<Double2> a2 = DoubleBlock.Pairs(a_kr), left2 = DoubleBlock.Pairs(leftB_kc), right2 = DoubleBlock.Pairs(rightB_kc);
        int a = Row, b = Column;
        for (int k = 0; k < DoubleBlock.Side; k++, a += Line, b += Line)
        {
            Double2 low = a2[a], high = a2[a + Half];
            left.Add(low, high, left2[b], left2[b + Half]);
            right.Add(low, high, right2[b], right2[b + Half]);
        }
    }

    /// <summary>sum[r, c] += Σ_k (a[k, r] − b[k, c])² over k &lt; count, k ascending: as <see cref="PairDistance"/> adds them up.</summary>
    public void AddSquares(ArrayView<double> a_kr, ArrayView<double> b_kc, int count)
    {
        ArrayView<Double2> a2 = DoubleBlock.Pairs(a_kr), b2 = DoubleBlock.Pairs(b_kc);
        int a = Row, b = Column;
        for (int k = 0; k < count; k++, a += Line, b += Line)
        {
            Double2 low = a2[a], high = a2[a + Half], left = b2[b], right = b2[b + Half];
            _00 += Square(low.X - left.X);
            _01 += Square(low.X - left.Y);
            _02 += Square(low.X - right.X);
            _03 += Square(low.X - right.Y);
            _10 += Square(low.Y - left.X);
            _11 += Square(low.Y - left.Y);
            _12 += Square(low.Y - right.X);
            _13 += Square(low.Y - right.Y);
            _20 += Square(high.X - left.X);
            _21 += Square(high.X - left.Y);
            _22 += Square(high.X - right.X);
            _23 += Square(high.X - right.Y);
            _30 += Square(high.Y - left.X);
            _31 += Square(high.Y - left.Y);
            _32 += Square(high.Y - right.X);
            _33 += Square(high.Y - right.Y);
        }
    }

    /// <summary>block[r, c] = sum[r, c].</summary>
    public readonly void CopyTo(ArrayView<double> block_rc)
    {
        ArrayView<Double2> block2 = DoubleBlock.Pairs(block_rc);
        int at = 2 * Row * Line + Column;
        block2[at] = new(_00, _01);
        block2[at + Half] = new(_02, _03);
        block2[at + Line] = new(_10, _11);
        block2[at + Line + Half] = new(_12, _13);
        at += 2 * Half * Line;
        block2[at] = new(_20, _21);
        block2[at + Half] = new(_22, _23);
        block2[at + Line] = new(_30, _31);
        block2[at + Line + Half] = new(_32, _33);
    }

    private static double Square(double x) => x * x;

    private void Add(Double2 low, Double2 high, Double2 left, Double2 right)
    {
        _00 += low.X * left.X;
        _01 += low.X * left.Y;
        _02 += low.X * right.X;
        _03 += low.X * right.Y;
        _10 += low.Y * left.X;
        _11 += low.Y * left.Y;
        _12 += low.Y * right.X;
        _13 += low.Y * right.Y;
        _20 += high.X * left.X;
        _21 += high.X * left.Y;
        _22 += high.X * right.X;
        _23 += high.X * right.Y;
        _30 += high.Y * left.X;
        _31 += high.Y * left.Y;
        _32 += high.Y * right.X;
        _33 += high.Y * right.Y;
    }
}
