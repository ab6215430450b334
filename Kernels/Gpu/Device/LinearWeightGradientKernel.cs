using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Gradient of a dense layer in its weights and bias, in slices of rows that <see cref="LinearWeightGradientSumKernel"/>
/// adds up.</summary>
/// <remarks>
/// <code>
/// part_soi = Σ_{n in slice s} dy_no x_ni        part_so = Σ_{n in slice s} dy_no
///
/// dy_nO   [n,O]                 float
/// x_nI    [n,I]                 float
/// parts   [S, blocks, 64, 64]   float   out; after them [S, ⌈O/64⌉, 64], the sums for the bias
/// </code>
/// Launch: grid (⌈O/64⌉, ⌈I/64⌉, S) of 64 threads, one 64×64 block of a part each; 9.2 KB shared memory.
/// Cost: 2nOI operations; slices make enough groups for every multiprocessor where O and I are small.
/// </remarks>
internal static class LinearWeightGradientKernel
{
    public static void Run(ArrayView<float> dy_nO, ArrayView<float> x_nI, ArrayView<Quad> parts, LinearShape shape)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(FloatProduct.Shared);
        int first = Grid.IdxZ * shape.Slice, end = IntrinsicMath.Min(shape.Terms, first + shape.Slice);
        var dy = new ColumnPanel(dy_nO, Grid.IdxX * FloatProduct.Side, shape.Rows, shape.WideA);
        var x = new ColumnPanel(x_nI, Grid.IdxY * FloatProduct.Side, shape.Columns, shape.WideB);
        var sum = new BiasTile<FloatTile>(default);
        FloatProduct.Add(ref sum, ref dy, ref x, shared, first, end);
        sum.Write(shared, parts);
    }
}
