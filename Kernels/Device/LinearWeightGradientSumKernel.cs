using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>Adds the slices of <see cref="LinearWeightGradientKernel"/> to the gradients.</summary>
/// <remarks>
/// <code>
/// dθ_oi += Σ_s part_soi        dbias_o += Σ_s part_so
///
/// parts      [S, blocks, 64, 64]   float   after them [S, ⌈O/64⌉, 64], the sums for the bias
/// dtheta_OI  [O,I]                 float   added to
/// dbias_O    [O]                   float   added to, where there is a bias
/// </code>
/// Launch: 128 groups of 64 threads for every block, half a row of it each, then two for every 64 numbers of the bias; 1 KB shared memory.
/// Cost: reads S·O·I floats once (padded to blocks), 128 neighbouring bytes at a time.
/// </remarks>
internal static class LinearWeightGradientSumKernel
{
    public static void Run(ArrayView<Quad> parts, ArrayView<float> dtheta_OI, ArrayView<float> dbias_O, LinearShape shape)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(SliceSum.Shared);
        int down = shape.Down, across = shape.Across, blocks = down * across;
        int bias = Grid.IdxX - 128 * blocks, block = Grid.IdxX / 128, part = Grid.IdxX & 127;
        int row = block / across * FloatProduct.Side + part / 2, column = block % across * FloatProduct.Side + (part & 1) * SliceSum.Numbers;
        int stride = bias < 0 ? blocks * FloatProduct.Quads : down * (FloatProduct.Side / 4);
        int at = bias < 0 ? Grid.IdxX : shape.Slices * blocks * 128 + bias;
        float sum = SliceSum.Of(parts, shared, shape.Slices, stride, at * (SliceSum.Numbers / 4));
        column += Group.IdxX;
        int output = bias * SliceSum.Numbers + Group.IdxX;
        if (Group.IdxX < SliceSum.Numbers)
        {
            if (bias < 0 && row < shape.Rows && column < shape.Columns)
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
