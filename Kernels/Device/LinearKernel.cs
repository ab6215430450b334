using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>A dense layer.</summary>
/// <remarks>
/// <code>
/// y_no = bias_o + Σ_i x_ni θ_oi                                                       MATH.md §1
///
/// x_nI      [n,I]   float
/// theta_OI  [O,I]   float
/// bias_O    [O]     float   read only where hasBias is 1
/// y_nO      [n,O]   float   out
/// </code>
/// Launch: grid (⌈n/32⌉, ⌈O/32⌉) of 64 threads, one 32×32 block of y each; 8.4 KB shared memory.
/// Cost: 2nIO operations; x is read ⌈O/32⌉ times, θ ⌈n/32⌉ times; 5,000×2,048 → 64 is 1.3 GFLOP and 82 MB of x.
/// </remarks>
internal static class LinearKernel
{
    public static void Run(
        ArrayView<float> x_nI, ArrayView<float> theta_OI, ArrayView<float> bias_O, ArrayView<float> y_nO,
        int rows, int inputs, int outputs, int hasBias)
    {
        ArrayView<float> x = SharedMemory.Allocate<float>(Block.Size), theta = SharedMemory.Allocate<float>(Block.Size);
        int row = Grid.IdxX * Block.Side, output = Grid.IdxY * Block.Side;
        var sum = default(FloatTile);
        for (int i = 0; i < inputs; i += Block.Side)
        {
            Block.LoadTransposed(x, x_nI, row, rows, i, inputs);
            Block.LoadTransposed(theta, theta_OI, output, outputs, i, inputs);
            Group.Barrier();
            sum.Add(x, theta);
            Group.Barrier();
        }

        sum.CopyTo(x);
        Group.Barrier();
        int c = Group.IdxX % Block.Side;
        if (output + c < outputs)
        {
            float bias = hasBias == 1 ? bias_O[output + c] : 0;
            for (int r = Group.IdxX / Block.Side; r < Block.Side && row + r < rows; r += Block.Threads / Block.Side)
            {
                y_nO[(row + r) * outputs + output + c] = bias + x[r * Block.Line + c];
            }
        }
    }
}
