using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>Adds the slices of a dense layer's sums, and finishes them with bias and activation.</summary>
/// <remarks>
/// <code>
/// y = bias + Σ_s part_s        a = activation(y)
///
/// parts   [S, blocks, 64, 64]   float   of blocks of 64×64, those of one row of blocks together
/// bias_O  [O]                   float   read only where asked
/// y_nO    [n,O]                 float   out, where asked
/// a_nO    [n,O]                 float   out, where asked
/// </code>
/// Launch: 128 groups of 64 threads for every block: half a row of it each; 1 KB shared memory.
/// Cost: reads S·n·O floats once (padded to blocks), 128 neighbouring bytes at a time; 5,000×64 in 13 slices is 17 MB.
/// </remarks>
internal static class LinearSumKernel
{
    public static void Run(
        ArrayView<Quad> parts, ArrayView<float> bias_O, ArrayView<float> y_nO, ArrayView<float> a_nO, LinearShape shape)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(SliceSum.Shared);
        int across = shape.Across;
        int block = Grid.IdxX / 128, part = Grid.IdxX & 127;
        int row = block / across * FloatProduct.Side + part / 2, column = block % across * FloatProduct.Side + (part & 1) * SliceSum.Numbers;
        float y = SliceSum.Of(parts, shared, shape.Slices, shape.Down * across * FloatProduct.Quads, Grid.IdxX * (SliceSum.Numbers / 4));
        column += Group.IdxX;
        if (Group.IdxX < SliceSum.Numbers && row < shape.Rows && column < shape.Columns)
        {
            y += shape.HasBias == 1 ? bias_O[column] : 0;
            int at = row * shape.Columns + column;
            if (shape.Keeps == 1)
            {
                y_nO[at] = y;
            }

            if (shape.Activates == 1)
            {
                a_nO[at] = Nonlinear.Of(shape.Activation, y);
            }
        }
    }
}
