using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>What the products in float32 share: 64×64 numbers of the result by a group of 64 threads, eight steps of the sum at a
/// time.</summary>
/// <remarks>
/// Shared memory holds two stages of two panels. While one stage is multiplied, the numbers of the next are on their way to
/// registers; they are stored to the other stage, so that one barrier per eight steps is enough.
/// </remarks>
internal static class FloatProduct
{
    public const int Side = 64, Depth = 8, Threads = 64;

    /// <summary>Numbers from one line of a panel to the next.</summary>
    /// <remarks>A multiple of 4 for wide reads, and 8 more than one of 32, so that eight numbers of four lines meet 32 different
    /// banks.</remarks>
    public const int Line = Side + 8;

    public const int Panel = Depth * Line, Stage = 2 * Panel, Shared = 2 * Stage;

    /// <summary>Quads of one block of the result.</summary>
    public const int Quads = Side * Side / 4;

    public static int Count(int numbers) => (numbers + Side - 1) / Side;

    /// <summary>A long sum cut into slices: how many, and how many steps each has.</summary>
    /// <remarks>
    /// A function of the shape alone: the order of summation does not change with the device. Up to 1,056 groups: eight on
    /// each of 132 multiprocessors, which is what fits at 128 registers a thread. A slice has 64 steps at least, and up to
    /// 128 steps are not cut: adding up costs a launch, which is as long as a group takes for about 80 steps.
    /// </remarks>
    /// <param name="steps">Terms of the sum.</param>
    /// <param name="blocks">Blocks of the result.</param>
    public static (int Slices, int Steps) Slice(int steps, int blocks)
    {
        int panels = (steps + Depth - 1) / Depth;
        int most = panels <= 16 ? 1 : Math.Max(1, Math.Min(1056 / blocks, panels / 8));
        int each = (panels + most - 1) / most;
        return each == 0 ? (1, Depth) : ((panels + each - 1) / each, each * Depth);
    }

    /// <summary>sum[r, c] += Σ_k a[k, r] b[k, c] for k from first up to end.</summary>
    public static void Add<TTile, TA, TB>(ref TTile sum, ref TA a, ref TB b, ArrayView<float> shared, int first, int end)
        where TTile : struct, IFloatTile
        where TA : struct, IFloatPanel
        where TB : struct, IFloatPanel
    {
        a.Read(first, end);
        b.Read(first, end);
        int stage = 0;
        for (int k = first; k < end; k += Depth)
        {
            a.Store(shared, stage);
            b.Store(shared, stage + Panel);
            Group.Barrier();
            a.Read(k + Depth, end);
            b.Read(k + Depth, end);
            sum.Add(shared, stage);
            stage = Stage - stage;
        }
    }

    /// <summary>Whether the numbers of all threads of the group are finite; behind a barrier, as is what follows.</summary>
    public static bool IsFinite(ArrayView<float> shared, float own)
    {
        Group.Barrier();
        shared[Group.IdxX] = own;
        Group.Barrier();
        ArrayView<Quad> quads = shared.Cast<Quad>();
        var sum = default(Quad);
        for (int t = 0; t < Threads / 4; t++)
        {
            sum.Add(quads[t]);
        }

        Group.Barrier();
        return sum.X + sum.Y + sum.Z + sum.W <= float.MaxValue;
    }
}
