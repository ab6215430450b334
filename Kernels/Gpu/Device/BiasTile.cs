using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>A tile, and beside it the sums of its first operand alone: the gradient of a bias, an input that is always 1.</summary>
internal struct BiasTile<TTile>(TTile products) : IFloatTile
    where TTile : struct, IFloatTile
{
    private TTile _products = products;
    private float _sum = 0;

    /// <summary>The tile.</summary>
    public TTile Products
    {
        readonly get => _products;
        set => _products = value;
    }

    public void Add(ArrayView<float> shared, int stage)
    {
        _products.Add(shared, stage);
        ArrayView<float> a = shared.SubView(stage + Group.IdxX);
        _sum += a[0];
        _sum += a[FloatProduct.Line];
        _sum += a[2 * FloatProduct.Line];
        _sum += a[3 * FloatProduct.Line];
        _sum += a[4 * FloatProduct.Line];
        _sum += a[5 * FloatProduct.Line];
        _sum += a[6 * FloatProduct.Line];
        _sum += a[7 * FloatProduct.Line];
    }

    public readonly void CopyTo(ArrayView<float> shared, int half) => _products.CopyTo(shared, half);

    /// <summary>Writes both to the group's slice, the sums once for each row of blocks.</summary>
    public void Write(ArrayView<float> shared, ArrayView<Quad> parts)
    {
        if (Grid.IdxY == 0)
        {
            int after = Grid.DimZ * Grid.DimX * Grid.DimY * FloatProduct.Side * FloatProduct.Side;
            parts.Cast<float>()[after + (Grid.IdxZ * Grid.DimX + Grid.IdxX) * FloatProduct.Side + Group.IdxX] = _sum;
        }

        ArrayView<Quad> quads = shared.Cast<Quad>();
        for (int half = 0; half < 2; half++)
        {
            Group.Barrier();
            _products.CopyTo(shared, half);
            Group.Barrier();
            for (int at = Group.IdxX; at < FloatProduct.Quads / 2; at += FloatProduct.Threads)
            {
                parts[LinearResult.Part(half) + at] = quads[at / 16 * (FloatProduct.Line / 4) + (at & 15)];
            }
        }
    }
}
