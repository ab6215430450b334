using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>One thread's sixteen sums of a 32×32 block, in float64: of a product or of squared differences.</summary>
/// <remarks>
/// Thread t of 64 owns rows t/8 + 8i and columns t%8 + 8j, i and j in 0…3. Scalars, not an array: ILGPU does not unroll
/// loops, and an array indexed by a loop variable would lie in slow local memory.
/// </remarks>
internal struct DoubleTile
{
    private double _00, _01, _02, _03, _10, _11, _12, _13, _20, _21, _22, _23, _30, _31, _32, _33;

    /// <summary>sum[r, c] += Σ_k a[k, r] b[k, c], k ascending.</summary>
    public void Add(ArrayView<double> a_kr, ArrayView<double> b_kc)
    {
        int a = Group.IdxX / 8, b = Group.IdxX % 8;
        for (int k = 0; k < Block.Side; k++, a += Block.Line, b += Block.Line)
        {
            Add(a_kr[a], a_kr[a + 8], a_kr[a + 16], a_kr[a + 24], b_kc[b], b_kc[b + 8], b_kc[b + 16], b_kc[b + 24]);
        }
    }

    /// <summary>left[r, c] += Σ_k a[k, r] leftB[k, c] and right[r, c] += Σ_k a[k, r] rightB[k, c], k ascending: a is read once for both.</summary>
    public static void Add(ref DoubleTile left, ref DoubleTile right, ArrayView<double> a_kr, ArrayView<double> leftB_kc, ArrayView<double> rightB_kc)
    {
        int a = Group.IdxX / 8, b = Group.IdxX % 8;
        for (int k = 0; k < Block.Side; k++, a += Block.Line, b += Block.Line)
        {
            double a0 = a_kr[a], a1 = a_kr[a + 8], a2 = a_kr[a + 16], a3 = a_kr[a + 24];
            left.Add(a0, a1, a2, a3, leftB_kc[b], leftB_kc[b + 8], leftB_kc[b + 16], leftB_kc[b + 24]);
            right.Add(a0, a1, a2, a3, rightB_kc[b], rightB_kc[b + 8], rightB_kc[b + 16], rightB_kc[b + 24]);
        }
    }

    /// <summary>sum[r, c] += Σ_k (a[k, r] − b[k, c])² over k &lt; count, k ascending: as <see cref="PairDistance"/> adds them up.</summary>
    public void AddSquares(ArrayView<double> a_kr, ArrayView<double> b_kc, int count)
    {
        int a = Group.IdxX / 8, b = Group.IdxX % 8;
        for (int k = 0; k < count; k++, a += Block.Line, b += Block.Line)
        {
            double a0 = a_kr[a], a1 = a_kr[a + 8], a2 = a_kr[a + 16], a3 = a_kr[a + 24];
            double b0 = b_kc[b], b1 = b_kc[b + 8], b2 = b_kc[b + 16], b3 = b_kc[b + 24];
            _00 += Square(a0 - b0);
            _01 += Square(a0 - b1);
            _02 += Square(a0 - b2);
            _03 += Square(a0 - b3);
            _10 += Square(a1 - b0);
            _11 += Square(a1 - b1);
            _12 += Square(a1 - b2);
            _13 += Square(a1 - b3);
            _20 += Square(a2 - b0);
            _21 += Square(a2 - b1);
            _22 += Square(a2 - b2);
            _23 += Square(a2 - b3);
            _30 += Square(a3 - b0);
            _31 += Square(a3 - b1);
            _32 += Square(a3 - b2);
            _33 += Square(a3 - b3);
        }
    }

    /// <summary>block[r, c] = sum[r, c].</summary>
    public readonly void CopyTo(ArrayView<double> block_rc)
    {
        int at = Group.IdxX / 8 * Block.Line + Group.IdxX % 8;
        block_rc[at] = _00;
        block_rc[at + 8] = _01;
        block_rc[at + 16] = _02;
        block_rc[at + 24] = _03;
        at += 8 * Block.Line;
        block_rc[at] = _10;
        block_rc[at + 8] = _11;
        block_rc[at + 16] = _12;
        block_rc[at + 24] = _13;
        at += 8 * Block.Line;
        block_rc[at] = _20;
        block_rc[at + 8] = _21;
        block_rc[at + 16] = _22;
        block_rc[at + 24] = _23;
        at += 8 * Block.Line;
        block_rc[at] = _30;
        block_rc[at + 8] = _31;
        block_rc[at + 16] = _32;
        block_rc[at + 24] = _33;
    }

    private static double Square(double x) => x * x;

    private void Add(double a0, double a1, double a2, double a3, double b0, double b1, double b2, double b3)
    {
        _00 += a0 * b0;
        _01 += a0 * b1;
        _02 += a0 * b2;
        _03 += a0 * b3;
        _10 += a1 * b0;
        _11 += a1 * b1;
        _12 += a1 * b2;
        _13 += a1 * b3;
        _20 += a2 * b0;
        _21 += a2 * b1;
        _22 += a2 * b2;
        _23 += a2 * b3;
        _30 += a3 * b0;
        _31 += a3 * b1;
        _32 += a3 * b2;
        _33 += a3 * b3;
    }
}
