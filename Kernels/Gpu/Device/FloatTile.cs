using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>The sums of a 64×64 block of a product that are one thread's, of a group of 64.</summary>
internal interface IFloatTile
{
    /// <summary>sum[r, c] += Σ a[k, r] b[k, c] over the eight steps of a stage of shared memory: panel a, then panel b.</summary>
    void Add(ArrayView<float> shared, int stage);

    /// <summary>Upper (0) or lower (1) half of the block to shared memory, [32, 64] in lines of 72.</summary>
    void CopyTo(ArrayView<float> shared, int half);
}

/// <summary>8×8 sums a thread in float32, on any device.</summary>
/// <remarks>
/// Thread t owns rows 4⌊t/8⌋ + i and columns 4(t%8) + j, i and j in 0…3 and 32…35: four wide reads of shared memory serve 64
/// products. Scalars, not an array: ILGPU does not unroll loops, and an array indexed by a loop variable would lie in slow
/// local memory.
/// </remarks>
internal struct FloatTile : IFloatTile
{
    private const int Line = FloatProduct.Line / 4, Half = FloatProduct.Side / 8;

    // _ij: four columns, of the left half (j = 0) or the right one (j = 1), of row i.
    private Quad _00, _01, _10, _11, _20, _21, _30, _31, _40, _41, _50, _51, _60, _61, _70, _71;

    public void Add(ArrayView<float> shared, int stage)
    {
        ArrayView<Quad> quads = shared.Cast<Quad>();
        int a = stage / 4 + Group.IdxX / 8, b = (stage + FloatProduct.Panel) / 4 + (Group.IdxX & 7);
        for (int k = 0; k < FloatProduct.Depth; k += 2)
        {
            ArrayView<Quad> rows = quads.SubView(a + k * Line), columns = quads.SubView(b + k * Line);
            Step(rows, columns, 0);
            Step(rows, columns, Line);
        }
    }

    public readonly void CopyTo(ArrayView<float> shared, int half)
    {
        if (half == 0)
        {
            Copy(shared, _00, _01, _10, _11, _20, _21, _30, _31);
        }
        else
        {
            Copy(shared, _40, _41, _50, _51, _60, _61, _70, _71);
        }
    }

    private void Step(ArrayView<Quad> a, ArrayView<Quad> b, int k)
    {
        Quad upper = a[k], lower = a[k + Half], left = b[k], right = b[k + Half];
        _00.Add(upper.X, left);
        _01.Add(upper.X, right);
        _10.Add(upper.Y, left);
        _11.Add(upper.Y, right);
        _20.Add(upper.Z, left);
        _21.Add(upper.Z, right);
        _30.Add(upper.W, left);
        _31.Add(upper.W, right);
        _40.Add(lower.X, left);
        _41.Add(lower.X, right);
        _50.Add(lower.Y, left);
        _51.Add(lower.Y, right);
        _60.Add(lower.Z, left);
        _61.Add(lower.Z, right);
        _70.Add(lower.W, left);
        _71.Add(lower.W, right);
    }

    private static void Copy(ArrayView<float> shared, Quad a0, Quad a1, Quad b0, Quad b1, Quad c0, Quad c1, Quad d0, Quad d1)
    {
        ArrayView<Quad> quads = shared.Cast<Quad>();
        int at = Group.IdxX / 8 * 4 * Line + (Group.IdxX & 7);
        quads[at] = a0;
        quads[at + Half] = a1;
        quads[at + Line] = b0;
        quads[at + Line + Half] = b1;
        quads[at + 2 * Line] = c0;
        quads[at + 2 * Line + Half] = c1;
        quads[at + 3 * Line] = d0;
        quads[at + 3 * Line + Half] = d1;
    }
}
