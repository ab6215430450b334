using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Gradient of a dense layer in its input.</summary>
/// <remarks>
/// <code>
/// dx_ni = Σ_o dy_no θ_oi                                                              MATH.md §1
///
/// dy_nO     [n,O]                 float
/// theta_OI  [O,I]                 float
/// dx_nI     [n,I]                 float   out
/// parts     [S, blocks, 64, 64]   float   out instead, where the sum is cut into slices: LinearSumKernel adds them
/// </code>
/// Launch: grid (⌈n/64⌉, ⌈I/64⌉, S) of 64 threads, one 64×64 block each; 9.2 KB shared memory.
/// Cost: 2nIO operations; dy is read ⌈I/64⌉ times, θ ⌈n/64⌉ times.
/// </remarks>
internal static class LinearInputGradientKernel
{
    public static void Run(
        ArrayView<float> dy_nO, ArrayView<float> theta_OI, ArrayView<float> dx_nI, ArrayView<Quad> parts, LinearShape shape)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(FloatProduct.Shared);
        int first = Grid.IdxZ * shape.Slice, end = IntrinsicMath.Min(shape.Terms, first + shape.Slice);
        var dy = new RowPanel(dy_nO, Grid.IdxX * FloatProduct.Side, shape.Rows, shape.Terms, shape.WideA);
        var theta = new ColumnPanel(theta_OI, Grid.IdxY * FloatProduct.Side, shape.Columns, shape.WideB);
        var sum = default(FloatTile);
        FloatProduct.Add(ref sum, ref dy, ref theta, shared, first, end);
        LinearResult.Write(ref sum, shared, dx_nI, dx_nI, dx_nI, parts, shape);
    }
}
