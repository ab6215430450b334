using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Where the sums of a product go: to their slice, or with bias and activation to the layer's result.</summary>
internal static class LinearResult
{
    /// <summary>Writes the group's block: numbers of neighbouring columns by neighbouring threads.</summary>
    /// <param name="sum">The sums.</param>
    /// <param name="shared">For handing them over between threads.</param>
    /// <param name="bias_O">[O], read only where asked.</param>
    /// <param name="y_nO">[n, O], the sums with bias, written only where asked.</param>
    /// <param name="a_nO">[n, O], their activation, written only where asked.</param>
    /// <param name="parts">[S, blocks, 64, 64], written instead where there is more than one slice.</param>
    /// <param name="shape">What is asked.</param>
    public static void Write<TTile>(
        ref TTile sum, ArrayView<float> shared, ArrayView<float> bias_O, ArrayView<float> y_nO, ArrayView<float> a_nO,
        ArrayView<Quad> parts, LinearShape shape)
        where TTile : struct, IFloatTile
    {
        ArrayView<Quad> quads = shared.Cast<Quad>();
        for (int half = 0; half < 2; half++)
        {
            Group.Barrier();
            sum.CopyTo(shared, half);
            Group.Barrier();
            for (int at = Group.IdxX; at < FloatProduct.Quads / 2; at += FloatProduct.Threads)
            {
                int r = at / 16, c = (at & 15);
                Quad quad = quads[r * (FloatProduct.Line / 4) + c];
                if (shape.Slices > 1)
                {
                    parts[Part(half) + at] = quad;
                    continue;
                }

                int row = Grid.IdxX * FloatProduct.Side + half * FloatProduct.Side / 2 + r, column = Grid.IdxY * FloatProduct.Side + c * 4;
                if (row < shape.Rows && column < shape.Columns)
                {
                    Finish(quad, bias_O, y_nO, a_nO, row, column, shape);
                }
            }
        }
    }

    /// <summary>The group's half of a block in its slice: block (x, y) of slice z.</summary>
    public static int Part(int half) =>
        ((Grid.IdxZ * Grid.DimX + Grid.IdxX) * Grid.DimY + Grid.IdxY) * FloatProduct.Quads + half * (FloatProduct.Quads / 2);

    private static void Finish(
        Quad quad, ArrayView<float> bias_O, ArrayView<float> y_nO, ArrayView<float> a_nO, int row, int column, LinearShape shape)
    {
        if (shape.HasBias == 1)
        {
            quad.Add(Quad.Read(bias_O, 0, 1, column, shape.Columns, shape.Columns, 0));
        }

        if (shape.Keeps == 1)
        {
            quad.Write(y_nO, row, column, shape.Columns, shape.WideY);
        }

        if (shape.Activates == 1)
        {
            quad.X = Nonlinear.Of(shape.Activation, quad.X);
            quad.Y = Nonlinear.Of(shape.Activation, quad.Y);
            quad.Z = Nonlinear.Of(shape.Activation, quad.Z);
            quad.W = Nonlinear.Of(shape.Activation, quad.W);
            quad.Write(a_nO, row, column, shape.Columns, shape.WideY);
        }
    }
}
