using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>Gradient of a dense layer in its input.</summary>
/// <remarks>
/// <code>
/// dx_ni = Σ_o dy_no θ_oi                                                              MATH.md §1
///
/// dy_nO     [n,O]   float
/// theta_OI  [O,I]   float
/// dx_nI     [n,I]   float   out
/// </code>
/// Launch: grid (⌈n/32⌉, ⌈I/32⌉) of 64 threads, one 32×32 block of dx each; 8.4 KB shared memory.
/// Cost: 2nIO operations; dy is read ⌈I/32⌉ times, θ ⌈n/32⌉ times.
/// </remarks>
internal static class LinearInputGradientKernel
{
    public static void Run(
        ArrayView<float> dy_nO, ArrayView<float> theta_OI, ArrayView<float> dx_nI, int rows, int inputs, int outputs)
    {
        ArrayView<float> dy = SharedMemory.Allocate<float>(Block.Size), theta = SharedMemory.Allocate<float>(Block.Size);
        int row = Grid.IdxX * Block.Side, input = Grid.IdxY * Block.Side;
        var sum = default(FloatTile);
        for (int o = 0; o < outputs; o += Block.Side)
        {
            Block.LoadTransposed(dy, dy_nO, row, rows, o, outputs);
            Block.Load(theta, theta_OI, o, outputs, input, inputs);
            Group.Barrier();
            sum.Add(dy, theta);
            Group.Barrier();
        }

        sum.CopyTo(dy);
        Group.Barrier();
        int c = Group.IdxX % Block.Side;
        if (input + c < inputs)
        {
            for (int r = Group.IdxX / Block.Side; r < Block.Side && row + r < rows; r += Block.Threads / Block.Side)
            {
                dx_nI[(row + r) * inputs + input + c] = dy[r * Block.Line + c];
            }
        }
    }
}
