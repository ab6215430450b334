using ILGPU;
using ILGPU.Algorithms;

namespace FisherKernels.Gpu.Device;

/// <summary>The sums of a 64×64 block on tensor cores, close to float32: CUDA devices of compute capability 8.0 and later only.</summary>
/// <remarks>
/// A tensor core multiplies numbers of eleven significant bits (tf32). So x = x̂ + x̌, each of eleven bits,
/// and xy ≈ x̂ŷ + x̂y̌ + x̌ŷ; what is left out is below 2⁻²¹ of |xy| as long as x̌ is a normal number (|x| above 2⁻¹¹⁴).
/// Warp w of two owns rows 32w … 32w + 31: two by eight fragments of 16×8, of which a thread holds rows l/4 and l/4 + 8 and
/// columns 2(l%4) and 2(l%4) + 1 (PTX ISA, mma.m16n8k8).
/// </remarks>
internal struct TensorTile : IFloatTile
{
    private const int Line = FloatProduct.Line, Half = FloatProduct.Depth / 2;

    // _rc: fragment of rows 16r … and columns 8c …
    private Quad _00, _01, _02, _03, _04, _05, _06, _07, _10, _11, _12, _13, _14, _15, _16, _17;

    /// <summary>Σ|sum| of the thread's sums: not finite where one of them is not.</summary>
    public readonly float Size() =>
        Size(_00) + Size(_01) + Size(_02) + Size(_03) + Size(_04) + Size(_05) + Size(_06) + Size(_07)
        + Size(_10) + Size(_11) + Size(_12) + Size(_13) + Size(_14) + Size(_15) + Size(_16) + Size(_17);

    public void Add(ArrayView<float> shared, int stage)
    {
        int lane = Group.IdxX & 31, at = stage + (lane & 3) * Line + lane / 4;
        ArrayView<float> a = shared.SubView(at + Group.IdxX / 32 * 32), b = shared.SubView(at + FloatProduct.Panel);
        Quad upper = Rows(a, 0), lower = Rows(a, 16);
        QuadBits upperHigh = High(upper), lowerHigh = High(lower), upperLow = Low(upper, upperHigh), lowerLow = Low(lower, lowerHigh);
        Columns(ref _00, ref _10, upperHigh, upperLow, lowerHigh, lowerLow, b[0], b[Half * Line]);
        Columns(ref _01, ref _11, upperHigh, upperLow, lowerHigh, lowerLow, b[8], b[8 + Half * Line]);
        Columns(ref _02, ref _12, upperHigh, upperLow, lowerHigh, lowerLow, b[16], b[16 + Half * Line]);
        Columns(ref _03, ref _13, upperHigh, upperLow, lowerHigh, lowerLow, b[24], b[24 + Half * Line]);
        Columns(ref _04, ref _14, upperHigh, upperLow, lowerHigh, lowerLow, b[32], b[32 + Half * Line]);
        Columns(ref _05, ref _15, upperHigh, upperLow, lowerHigh, lowerLow, b[40], b[40 + Half * Line]);
        Columns(ref _06, ref _16, upperHigh, upperLow, lowerHigh, lowerLow, b[48], b[48 + Half * Line]);
        Columns(ref _07, ref _17, upperHigh, upperLow, lowerHigh, lowerLow, b[56], b[56 + Half * Line]);
    }

    /// <summary>As <see cref="FloatTile"/> adds, to the bit: without tensor cores.</summary>
    public void AddPlain(ArrayView<float> shared, int stage)
    {
        int lane = Group.IdxX & 31;
        for (int k = 0; k < FloatProduct.Depth; k++)
        {
            ArrayView<float> rows = shared.SubView(stage + k * Line + Group.IdxX / 32 * 32 + lane / 4);
            ArrayView<float> columns = shared.SubView(stage + FloatProduct.Panel + k * Line + (lane & 3) * 2);
            float a0 = rows[0], a1 = rows[8], a2 = rows[16], a3 = rows[24];
            Products(ref _00, ref _10, a0, a1, a2, a3, columns[0], columns[1]);
            Products(ref _01, ref _11, a0, a1, a2, a3, columns[8], columns[9]);
            Products(ref _02, ref _12, a0, a1, a2, a3, columns[16], columns[17]);
            Products(ref _03, ref _13, a0, a1, a2, a3, columns[24], columns[25]);
            Products(ref _04, ref _14, a0, a1, a2, a3, columns[32], columns[33]);
            Products(ref _05, ref _15, a0, a1, a2, a3, columns[40], columns[41]);
            Products(ref _06, ref _16, a0, a1, a2, a3, columns[48], columns[49]);
            Products(ref _07, ref _17, a0, a1, a2, a3, columns[56], columns[57]);
        }
    }

    public readonly void CopyTo(ArrayView<float> shared, int half)
    {
        if (Group.IdxX / 32 == half)
        {
            int lane = Group.IdxX & 31;
            ArrayView<float> block = shared.SubView(lane / 4 * Line + (lane & 3) * 2);
            Copy(block, 0, _00, _10);
            Copy(block, 8, _01, _11);
            Copy(block, 16, _02, _12);
            Copy(block, 24, _03, _13);
            Copy(block, 32, _04, _14);
            Copy(block, 40, _05, _15);
            Copy(block, 48, _06, _16);
            Copy(block, 56, _07, _17);
        }
    }

    // A fragment of the first operand: rows l/4 and l/4 + 8 of step l%4, then of step l%4 + 4.
    private static Quad Rows(ArrayView<float> a, int row)
    {
        Quad fragment;
        fragment.X = a[row];
        fragment.Y = a[row + 8];
        fragment.Z = a[row + Half * Line];
        fragment.W = a[row + 8 + Half * Line];
        return fragment;
    }

    private static void Columns(
        ref Quad upper, ref Quad lower, QuadBits upperHigh, QuadBits upperLow, QuadBits lowerHigh, QuadBits lowerLow, float b0, float b1)
    {
        uint high0 = High(b0), high1 = High(b1), low0 = Low(b0, high0), low1 = Low(b1, high1);
        upper.Add(Product(upperHigh, upperLow, high0, high1, low0, low1));
        lower.Add(Product(lowerHigh, lowerLow, high0, high1, low0, low1));
    }

    // Smallest products first. A tensor core cuts its sums off where float32 rounds: of a few products that is a rounding,
    // of thousands a drift, so it is given eight at a time.
    private static Quad Product(QuadBits high, QuadBits low, uint high0, uint high1, uint low0, uint low1)
    {
        Quad product = Tensor.MultiplyAdd(default, low, high0, high1);
        product = Tensor.MultiplyAdd(product, high, low0, low1);
        return Tensor.MultiplyAdd(product, high, high0, high1);
    }

    private static void Products(ref Quad upper, ref Quad lower, float a0, float a1, float a2, float a3, float b0, float b1)
    {
        upper.X += a0 * b0;
        upper.Y += a0 * b1;
        upper.Z += a1 * b0;
        upper.W += a1 * b1;
        lower.X += a2 * b0;
        lower.Y += a2 * b1;
        lower.Z += a3 * b0;
        lower.W += a3 * b1;
    }

    // The nearest number of eleven bits. Rounded away at the end of the range it is infinite, and its rest is infinite then too.
    private static uint High(float x) => (Interop.FloatAsInt(x) + 0x1000u) & 0xFFFFE000u;

    private static uint Low(float x, uint high) => Interop.FloatAsInt(x - Interop.IntAsFloat(high)) & 0xFFFFE000u;

    private static QuadBits High(Quad x)
    {
        QuadBits high;
        high.X = High(x.X);
        high.Y = High(x.Y);
        high.Z = High(x.Z);
        high.W = High(x.W);
        return high;
    }

    private static QuadBits Low(Quad x, QuadBits high)
    {
        QuadBits low;
        low.X = Low(x.X, high.X);
        low.Y = Low(x.Y, high.Y);
        low.Z = Low(x.Z, high.Z);
        low.W = Low(x.W, high.W);
        return low;
    }

    private static float Size(Quad x) => XMath.Abs(x.X) + XMath.Abs(x.Y) + XMath.Abs(x.Z) + XMath.Abs(x.W);

    private static void Copy(ArrayView<float> block, int column, Quad upper, Quad lower)
    {
        block[column] = upper.X;
        block[column + 1] = upper.Y;
        block[column + 8 * Line] = upper.Z;
        block[column + 8 * Line + 1] = upper.W;
        block[column + 16 * Line] = lower.X;
        block[column + 16 * Line + 1] = lower.Y;
        block[column + 24 * Line] = lower.Z;
        block[column + 24 * Line + 1] = lower.W;
    }
}

/// <summary>The sums of a <see cref="TensorTile"/>, without tensor cores: for what they cannot say, numbers that are not finite.</summary>
internal struct PlainTile : IFloatTile
{
    private TensorTile _sums;

    /// <summary>The sums so far.</summary>
    public readonly TensorTile Sums => _sums;

    public void Add(ArrayView<float> shared, int stage) => _sums.AddPlain(shared, stage);

    public readonly void CopyTo(ArrayView<float> shared, int half) => _sums.CopyTo(shared, half);
}
