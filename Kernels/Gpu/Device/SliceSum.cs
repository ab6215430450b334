using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Adds the slices of a long sum: 32 neighbouring numbers by a group of 64 threads, four numbers and every eighth slice a
/// thread.</summary>
/// <remarks>Lane l adds slices l, l + 8, …; then the lanes are added, first lane first: an order that depends on nothing else.</remarks>
internal static class SliceSum
{
    public const int Numbers = 32, Lanes = 8, Shared = Numbers * Lanes;

    /// <summary>The sum of number <see cref="Group.IdxX"/> in threads 0 … 31; 0 in the others.</summary>
    /// <param name="parts">Slices.</param>
    /// <param name="shared">[256].</param>
    /// <param name="slices">How many.</param>
    /// <param name="stride">Quads from one slice to the next.</param>
    /// <param name="first">The first of the eight quads.</param>
    public static float Of(ArrayView<Quad> parts, ArrayView<float> shared, int slices, int stride, int first)
    {
        int at = first + (Group.IdxX & (Numbers / 4 - 1));
        var sum = default(Quad);
        for (int s = Group.IdxX / (Numbers / 4); s < slices; s += Lanes)
        {
            sum.Add(parts[s * stride + at]);
        }

        shared.Cast<Quad>()[Group.IdxX] = sum;
        Group.Barrier();
        float total = 0;
        for (int lane = 0; lane < Lanes && Group.IdxX < Numbers; lane++)
        {
            total += shared[lane * Numbers + Group.IdxX];
        }

        return total;
    }
}
