using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Adds the slices of <see cref="LinearWeightGradientKernel"/> to the gradients.</summary>
/// <remarks>
/// <code>
/// dθ_oi += Σ_s part_soi        dbias_o += Σ_s part_so
///
/// parts      [S, blocks, 64, 64]   float   after them [S, ⌈O/64⌉, 64], the sums for the bias
/// dtheta_OI  [O,I]                 float   added to
/// dbias_O    [O]                   float   added to, where there is a bias
/// </code>
/// Launch: one group of 64 threads for every 32 columns of every row, then one for every 32 numbers of the bias; 1 KB shared memory.
/// Cost: reads S·O·I floats once, 128 neighbouring bytes at a time.
/// </remarks>
internal static class LinearWeightGradientSumKernel
{
    public static void Run(ArrayView<Quad> parts, ArrayView<float> dtheta_OI, ArrayView<float> dbias_O, LinearShape shape)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(SliceSum.Shared);
        int pieces = IntrinsicMath.Max(1, shape.Pieces), row = Grid.IdxX / pieces, piece = Grid.IdxX % pieces;
        int bias = Grid.IdxX - shape.Rows * shape.Pieces, blocks = shape.Down * shape.Across;
        // One sum for both: OpenCL wants no barrier that some groups do not meet.
        int stride = bias < 0 ? blocks * FloatProduct.Quads : shape.Down * (FloatProduct.Side / 4);
        int first = bias < 0 ? shape.Place(row, piece) : shape.Slices * blocks * (FloatProduct.Quads * 4 / SliceSum.Numbers) + bias;
        float sum = SliceSum.Of(parts, shared, shape.Slices, stride, first * (SliceSum.Numbers / 4));
        if (Group.IdxX < SliceSum.Numbers)
        {
            int column = piece * SliceSum.Numbers + Group.IdxX, output = bias * SliceSum.Numbers + Group.IdxX;
            if (bias < 0 && column < shape.Columns)
            {
                dtheta_OI[row * shape.Columns + column] += sum;
            }
            else if (bias >= 0 && output < shape.Rows)
            {
                dbias_O[output] += sum;
            }
        }
    }
}
