using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>One operand of a product in float32, eight steps of the sum at a time: read into registers, then stored to shared
/// memory.</summary>
/// <remarks>
/// The two are apart so that what comes next is on its way from memory while what is there is multiplied. A panel in shared
/// memory is [8, 64] in lines of 72: step of the sum by row (or column) of the result, whichever way the operand lies in memory.
/// </remarks>
internal interface IFloatPanel
{
    /// <summary>Takes steps k … k + 7 into registers, zeros from <paramref name="end"/> on.</summary>
    void Read(int k, int end);

    /// <summary>Puts them into shared memory.</summary>
    void Store(ArrayView<float> shared, int at);
}

/// <summary>An operand whose rows run along the sum: panel[k, r] = source[row + r, k].</summary>
internal struct RowPanel(ArrayView<float> source, int row, int rows, int columns, int wide) : IFloatPanel
{
    private Quad _upper, _lower;

    // Two threads a row: 32 neighbouring bytes, all that a memory transaction brings.
    public void Read(int k, int end)
    {
        int r = row + Group.IdxX / 2, column = k + (Group.IdxX & 1) * 4;
        _upper = Quad.Read(source, r, rows, column, end, columns, wide);
        _lower = Quad.Read(source, r + FloatProduct.Side / 2, rows, column, end, columns, wide);
    }

    public readonly void Store(ArrayView<float> shared, int at)
    {
        ArrayView<float> panel = shared.SubView(at + (Group.IdxX & 1) * 4 * FloatProduct.Line + Group.IdxX / 2);
        panel[0] = _upper.X;
        panel[FloatProduct.Line] = _upper.Y;
        panel[2 * FloatProduct.Line] = _upper.Z;
        panel[3 * FloatProduct.Line] = _upper.W;
        panel[FloatProduct.Side / 2] = _lower.X;
        panel[FloatProduct.Line + FloatProduct.Side / 2] = _lower.Y;
        panel[2 * FloatProduct.Line + FloatProduct.Side / 2] = _lower.Z;
        panel[3 * FloatProduct.Line + FloatProduct.Side / 2] = _lower.W;
    }
}

/// <summary>An operand whose columns run along the sum: panel[k, c] = source[k, column + c].</summary>
internal struct ColumnPanel(ArrayView<float> source, int column, int columns, int wide) : IFloatPanel
{
    private Quad _upper, _lower;

    // Sixteen threads a row: 256 neighbouring bytes.
    public void Read(int k, int end)
    {
        int r = k + Group.IdxX / 16, c = column + (Group.IdxX & 15) * 4;
        _upper = Quad.Read(source, r, end, c, columns, columns, wide);
        _lower = Quad.Read(source, r + FloatProduct.Depth / 2, end, c, columns, columns, wide);
    }

    public readonly void Store(ArrayView<float> shared, int at)
    {
        ArrayView<Quad> panel = shared.Cast<Quad>().SubView(at / 4 + Group.IdxX / 16 * (FloatProduct.Line / 4) + (Group.IdxX & 15));
        panel[0] = _upper;
        panel[FloatProduct.Depth / 2 * (FloatProduct.Line / 4)] = _lower;
    }
}
