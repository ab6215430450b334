using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Gradient of a dense layer in its weights on tensor cores: the twin of <see cref="LinearWeightGradientKernel"/>.</summary>
/// <remarks>
/// Arrays, launch and order of slices are the same. The bias is summed in float32. A block in which a sum is not finite is computed
/// once more as
/// <see cref="LinearWeightGradientKernel"/> does it.
/// Cost: three products of tf32 for one of float32, 48 mma a warp for eight steps of a block.
/// </remarks>
internal static class LinearWeightGradientTensorKernel
{
    public static void Run(ArrayView<float> dy_nO, ArrayView<float> x_nI, ArrayView<Quad> parts, LinearShape shape)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(FloatProduct.Shared);
        int first = Grid.IdxZ * shape.Slice, end = IntrinsicMath.Min(shape.Terms, first + shape.Slice);
        var dy = new ColumnPanel(dy_nO, Grid.IdxX * FloatProduct.Side, shape.Rows, shape.WideA);
        var x = new ColumnPanel(x_nI, Grid.IdxY * FloatProduct.Side, shape.Columns, shape.WideB);
        var sum = new BiasTile<TensorTile>(default);
        FloatProduct.Add(ref sum, ref dy, ref x, shared, first, end);
        if (!FloatProduct.IsFinite(shared, sum.Products.Size()))
        {
            var plain = default(PlainTile);
            FloatProduct.Add(ref plain, ref dy, ref x, shared, first, end);
            sum.Products = plain.Sums;
        }

        sum.Write(shared, parts);
    }
}
