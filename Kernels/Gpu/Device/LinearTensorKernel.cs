using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>A dense layer on tensor cores: <see cref="LinearKernel"/>, with which it shares arrays, launch and order of slices.</summary>
/// <remarks>
/// A block in which a sum is not finite is computed once more as <see cref="LinearKernel"/> does it: an infinite number has no
/// two finite parts, and what is too large must be infinite here as there.
/// Cost: three products of tf32 for one of float32, 48 mma a warp for eight steps of a block.
/// </remarks>
internal static class LinearTensorKernel
{
    public static void Run(
        ArrayView<float> x_nI, ArrayView<float> theta_OI, ArrayView<float> bias_O, ArrayView<float> y_nO, ArrayView<float> a_nO,
        ArrayView<Quad> parts, LinearShape shape)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(FloatProduct.Shared);
        int first = Grid.IdxZ * shape.Slice, end = IntrinsicMath.Min(shape.Terms, first + shape.Slice);
        var x = new RowPanel(x_nI, Grid.IdxX * FloatProduct.Side, shape.Rows, shape.Terms, shape.WideA);
        var theta = new RowPanel(theta_OI, Grid.IdxY * FloatProduct.Side, shape.Columns, shape.Terms, shape.WideB);
        var sum = default(TensorTile);
        FloatProduct.Add(ref sum, ref x, ref theta, shared, first, end);
        if (!FloatProduct.IsFinite(shared, sum.Size()))
        {
            var plain = default(PlainTile);
            FloatProduct.Add(ref plain, ref x, ref theta, shared, first, end);
            sum = plain.Sums;
        }

        LinearResult.Write(ref sum, shared, bias_O, y_nO, a_nO, parts, shape);
    }
}
