using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>How many keys have each value of one digit, among those whose higher digits are known: one step towards the k-th largest.</summary>
/// <remarks>
/// <code>
/// count_b += |{ i : key_i ≫ (shift + bits) = prefix,  (key_i ≫ shift) mod 2^bits = b }|      key_i = TopKey of score_i and i
///
/// score_n  [n]      float
/// count_B  [2048]   int     added to
/// </code>
/// Launch: any grid of groups of any size, each walking over the scores in strides of the grid; 8 KB shared memory.
/// Cost: reads n floats. Integer atomics: a count is the same in any order.
/// </remarks>
internal static class TopHistogramKernel
{
    public const int Bits = 11, Bins = 1 << Bits;

    public static void Run(ArrayView<float> score_n, ArrayView<int> count_B, int n, ulong prefix, int shift, int bits)
    {
        ArrayView<int> count = SharedMemory.Allocate<int>(Bins);
        for (int b = Group.IdxX; b < Bins; b += Group.DimX)
        {
            count[b] = 0;
        }

        Group.Barrier();
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < n; i += Grid.DimX * Group.DimX)
        {
            // Shifted in two steps: a shift by 64 would be a shift by 0.
            ulong digits = TopKey.Of(score_n[i], i) >> shift;
            if (digits >> bits == prefix)
            {
                Atomic.Add(ref count[(int)digits & ((1 << bits) - 1)], 1);
            }
        }

        Group.Barrier();
        for (int b = Group.IdxX; b < Bins; b += Group.DimX)
        {
            if (count[b] > 0)
            {
                Atomic.Add(ref count_B[b], count[b]);
            }
        }
    }
}
