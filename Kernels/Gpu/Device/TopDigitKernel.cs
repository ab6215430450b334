using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>One digit of the k-th largest key, among those whose higher digits are its own: launched for one digit after the other,
/// without the host in between.</summary>
/// <remarks>
/// <code>
/// count_b = |{ i : key_i ≫ (shift + bits) = prefix,  (key_i ≫ shift) mod 2^bits = b }|      key_i = TopKey of score_i and i
/// digit   = the largest b with Σ_{b' ≥ b} count_b' ≥ left
/// prefix ← prefix · 2^bits + digit,  left ← left − Σ_{b' &gt; digit} count_b'
///
/// score_n  [n]        float
/// count_C  [2048+2]   int     zero before and after: the counts, the groups that are done, and TopCollectKernel's
/// cut_3    [3]        ulong   prefix, left, and the threshold, 0 while it is not known; not read by the first launch
/// </code>
/// The threshold is known when left keys have the digit: exactly k keys reach prefix · 2^shift. Later launches then do nothing.
/// Launch: groups of any multiple of 32 threads up to 2048, each walking over the scores in strides of the grid; 17 KB shared memory.
/// The group that is done last finds the digit: counts are added and taken by atomics, which no cache stands before.
/// Cost: reads n floats. Integer atomics: a count is the same in any order.
/// </remarks>
internal static class TopDigitKernel
{
    public const int Bits = 11, Bins = 1 << Bits, Done = Bins, Taken = Bins + 1, Counts = Bins + 2;

    public static void Run(
        ArrayView<float> score_n, ArrayView<int> count_C, ArrayView<ulong> cut_3, int n, int k, int shift, int bits, int isFirst)
    {
        ArrayView<int> count = SharedMemory.Allocate<int>(Bins), sum_t = SharedMemory.Allocate<int>(Bins),
        last = SharedMemory.Allocate<int>(1);
        int t = Group.IdxX, threads = Group.DimX;
        ulong prefix = isFirst == 1 ? 0 : cut_3[0];
        int left = isFirst == 1 ? k : (int)cut_3[1];
        if (isFirst == 0 && cut_3[2] != 0)
        {
            return;
        }

        for (int b = t; b < Bins; b += threads)
        {
            count[b] = 0;
        }

        Group.Barrier();
        // Unsigned: near 2³¹ scores, the last step of a signed number would end below zero.
        for (uint i = (uint)(Grid.IdxX * threads + t); i < (uint)n; i += (uint)(Grid.DimX * threads))
        {
            // Shifted in two steps: a shift by 64 would be a shift by 0.
            ulong key = TopKey.Create(score_n[(int)i], (int)i) >> shift;
            if (key >> bits == prefix)
            {
                Atomic.Add(ref count[(int)(key & ((1UL << bits) - 1))], 1);
            }
        }

        Group.Barrier();
        for (int b = t; b < Bins; b += threads)
        {
            if (count[b] > 0)
            {
                Atomic.Add(ref count_C[b], count[b]);
            }
        }

        MemoryFence.DeviceLevel();
        Group.Barrier();
        if (t == 0)
        {
            last[0] = Atomic.Add(ref count_C[Done], 1) == Grid.DimX - 1 ? 1 : 0;
        }

        Group.Barrier();
        if (last[0] == 1)
        {
            Choose(count_C, cut_3, count, sum_t, prefix, left, shift, bits);
        }
    }

    private static void Choose(
        ArrayView<int> count_C, ArrayView<ulong> cut_3, ArrayView<int> count, ArrayView<int> sum_t, ulong prefix, int left, int shift,
        int bits)
    {
        int t = Group.IdxX, threads = Group.DimX, each = (Bins + threads - 1) / threads;
        for (int b = t; b < Bins; b += threads)
        {
            count[b] = Atomic.Exchange(ref count_C[b], 0);
        }

        Group.Barrier();
        int first = IntrinsicMath.Min(t * each, Bins), end = IntrinsicMath.Min(first + each, Bins), own = 0;
        for (int b = first; b < end; b++)
        {
            own += count[b];
        }

        // Sums from each thread's counts up: every step doubles how far they reach.
        sum_t[t] = own;
        Group.Barrier();
        for (int reach = 1; reach < threads; reach *= 2)
        {
            int more = t + reach < threads ? sum_t[t + reach] : 0;
            Group.Barrier();
            sum_t[t] += more;
            Group.Barrier();
        }

        int above = sum_t[t] - own;
        if (above < left && left <= sum_t[t])
        {
            int digit = end - 1;
            left -= above;
            while (count[digit] < left)
            {
                left -= count[digit];
                digit--;
            }

            prefix = (prefix << bits) | (uint)digit;
            cut_3[0] = prefix;
            cut_3[1] = (ulong)left;
            cut_3[2] = count[digit] == left ? prefix << shift : 0;
        }

        if (t == 0)
        {
            Atomic.Exchange(ref count_C[Done], 0);
            Atomic.Exchange(ref count_C[Taken], 0);
        }
    }
}
