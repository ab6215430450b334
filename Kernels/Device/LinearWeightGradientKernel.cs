using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>Gradient of a dense layer in its weights and bias, in slices of rows that <see cref="LinearWeightGradientSumKernel"/> adds up.</summary>
/// <remarks>
/// <code>
/// part_soi = Σ_{n in slice s} dy_no x_ni        x_nI = 1: the bias is the weight of an input that is always 1
///
/// dy_nO     [n,O]     float
/// x_nI      [n,I]     float
/// part_sOW  [S,O,W]   float   out; W = I + 1 with a bias, I without
/// </code>
/// Launch: grid (⌈W/32⌉, ⌈O/32⌉, S) of 64 threads, one 32×32 block of a part each; 8.4 KB shared memory.
/// Cost: 2nOW operations; slices make enough groups for every multiprocessor where O and W are small.
/// </remarks>
internal static class LinearWeightGradientKernel
{
    public static void Run(
        ArrayView<float> dy_nO, ArrayView<float> x_nI, ArrayView<float> part_sOW,
        int rows, int slice, int inputs, int width, int outputs)
    {
        ArrayView<float> dy = SharedMemory.Allocate<float>(Block.Size), x = SharedMemory.Allocate<float>(Block.Size);
        int input = Grid.IdxX * Block.Side, output = Grid.IdxY * Block.Side;
        int first = Grid.IdxZ * slice, end = IntrinsicMath.Min(rows, first + slice), c = Group.IdxX % Block.Side;
        var sum = default(FloatTile);
        for (int row = first; row < end; row += Block.Side)
        {
            Block.Load(dy, dy_nO, row, end, output, outputs);
            Block.Load(x, x_nI, row, end, input, inputs);
            if (input + c == inputs)
            {
                for (int k = Group.IdxX / Block.Side; k < Block.Side; k += Block.Threads / Block.Side)
                {
                    x[k * Block.Line + c] = 1;
                }
            }

            Group.Barrier();
            sum.Add(dy, x);
            Group.Barrier();
        }

        sum.CopyTo(dy);
        Group.Barrier();
        if (input + c < width)
        {
            for (int r = Group.IdxX / Block.Side; r < Block.Side && output + r < outputs; r += Block.Threads / Block.Side)
            {
                part_sOW[(Grid.IdxZ * outputs + output + r) * width + input + c] = dy[r * Block.Line + c];
            }
        }
    }
}
