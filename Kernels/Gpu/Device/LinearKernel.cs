using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>A dense layer.</summary>
/// <remarks>
/// <code>
/// y_no = bias_o + Σ_i x_ni θ_oi        a = activation(y)                               MATH.md §1
///
/// x_nI      [n,I]                 float
/// theta_OI  [O,I]                 float
/// bias_O    [O]                   float   read only where asked
/// y_nO      [n,O]                 float   out, where asked
/// a_nO      [n,O]                 float   out, where asked
/// parts     [S, blocks, 64, 64]   float   out instead, where the sum is cut into slices: LinearSumKernel finishes them
/// </code>
/// Launch: grid (⌈n/64⌉, ⌈O/64⌉, S) of 64 threads, one 64×64 block each; 9.2 KB shared memory.
/// Cost: 2nIO operations; x is read ⌈O/64⌉ times, θ ⌈n/64⌉ times; 5,000×2,048 → 64 is 1.3 GFLOP, 41 MB of x, 17 MB of slices.
/// </remarks>
internal static class LinearKernel
{
    public static void Run(
        ArrayView<float> x_nI, ArrayView<float> theta_OI, ArrayView<float> bias_O, ArrayView<float> y_nO, ArrayView<float> a_nO,
        ArrayView<Quad> parts, LinearShape shape)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(FloatProduct.Shared);
        int first = Grid.IdxZ * shape.Slice, end = IntrinsicMath.Min(shape.Terms, first + shape.Slice);
        var x = new RowPanel(x_nI, Grid.IdxX * FloatProduct.Side, shape.Rows, shape.Terms, shape.WideA);
        var theta = new RowPanel(theta_OI, Grid.IdxY * FloatProduct.Side, shape.Columns, shape.Terms, shape.WideB);
        var sum = default(FloatTile);
        FloatProduct.Add(ref sum, ref x, ref theta, shared, first, end);
        LinearResult.Write(ref sum, shared, bias_O, y_nO, a_nO, parts, shape);
    }
}
