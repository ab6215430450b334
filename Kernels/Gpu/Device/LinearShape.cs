using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Sizes of a dense layer's product and what is done to its sums: one argument of the kernels.</summary>
internal struct LinearShape
{
    /// <summary>Of the result: n rows of that many columns.</summary>
    public int Rows, Columns;

    /// <summary>Terms of each sum, how many of them a slice has, and how many slices there are.</summary>
    public int Terms, Slice, Slices;

    /// <summary>1 where that array can be read four numbers at a time: the two operands and the result.</summary>
    public int WideA, WideB, WideY;

    /// <summary>1 where there is a bias, where the sums are kept, and where an activation of them is wanted.</summary>
    public int HasBias, Keeps, Activates;

    public Activation Activation;

    /// <summary>Blocks of 64×64 down and across. A layer without inputs has a bias all the same: one block of columns, which is
    /// empty.</summary>
    public readonly int Down => FloatProduct.Count(Rows);

    /// <summary>Pieces of a row that the sum kernels work on, 32 columns each: half a row of a block.</summary>
    public readonly int Pieces => (Columns + SliceSum.Numbers - 1) / SliceSum.Numbers;

    /// <inheritdoc cref="Down"/>
    public readonly int Across => IntrinsicMath.Max(1, FloatProduct.Count(Columns));

    /// <summary>Where such a piece lies in a slice, counted in pieces: blocks are together there.</summary>
    public readonly int Place(int row, int piece) =>
        ((row / FloatProduct.Side * Across + piece / 2) * FloatProduct.Side + row % FloatProduct.Side) * 2 + piece % 2;
}
