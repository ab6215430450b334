using ILGPU;
using ILGPU.Util;

namespace FisherKernels.Gpu.Device;

/// <summary>32×32 float64 numbers in shared memory, filled by a group of 64 threads: what <see cref="DoubleTile"/> works on.</summary>
/// <remarks>
/// <code>
/// block_kc[k·34 + c]      k, c in 0…31
/// </code>
/// A line is even, so that two neighbours are read at once, and no multiple of 32: threads that fill a column meet different banks,
/// two by two.
/// A <see cref="DoubleStrip"/> fills it: all loads first, then all stores.
/// </remarks>
internal static class DoubleBlock
{
    public const int Side = Block.Side, Line = Side + 2, Size = Side * Line, Lines = Block.Threads / Side;

    /// <summary>The column of this thread while a block is filled or emptied.</summary>
    public static int Lane => Group.IdxX % Side;

    /// <summary>Its first row; the next is <see cref="Lines"/> further down.</summary>
    public static int First => Group.IdxX / Side;

    /// <summary>The block in pairs of neighbours.</summary>
    public static ArrayView<Double2> Pairs(ArrayView<double> block) => block.Cast<Double2>();
}
