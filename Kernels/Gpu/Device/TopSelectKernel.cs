using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>The k largest keys in no particular order, by one group in one launch.</summary>
/// <remarks>
/// <code>
/// { key_i : at most k − 1 keys are larger }      key_i = TopKey of score_i and i
///
/// score_n  [n]   float
/// key_k    [k]   ulong   out; 1 ≤ k ≤ n
/// </code>
/// The k-th largest key is found digit by digit as <see cref="TopDigitKernel"/> finds it, which takes over where there are so many scores
/// that one group would be slower: here counts never leave shared memory, and nothing is launched between the digits.
/// Launch: one group of any multiple of 32 threads up to 1024; 16 KB shared memory. The result does not depend on how many they are.
/// Cost: reads the scores once a digit, two or three times for most, from the second on from the cache, and once more at the end.
/// </remarks>
internal static class TopSelectKernel
{
    /// <summary>Largest n that one group is given.</summary>
    public const int Most = 1 << 16;

    /// <summary>Most threads of a group.</summary>
    public const int Threads = 1024;

    private const int Bins = TopDigitKernel.Bins, Digit = 0, Left = 1, All = 2, Taken = 3;

    public static void Run(ArrayView<float> score_n, ArrayView<ulong> key_k, int n, int k)
    {
        ArrayView<int> count = SharedMemory.Allocate<int>(Bins), sum_t = SharedMemory.Allocate<int>(2 * Threads),
        found = SharedMemory.Allocate<int>(4);
        int t = Group.IdxX, threads = Group.DimX, left = k, shift = TopKey.Bits;
        ulong prefix = 0;
        bool isAll = false;
        if (t == 0)
        {
            found[Taken] = 0;
        }

        // Until all keys with the prefix are among the k: there is but one when no digit is left.
        while (!isAll)
        {
            int bits = IntrinsicMath.Min(TopDigitKernel.Bits, shift);
            shift -= bits;
            for (int b = t; b < Bins; b += threads)
            {
                count[b] = 0;
            }

            Group.Barrier();
            for (int i = t; i < n; i += 4 * threads)
            {
                // All four scores are under way before one is looked at.
                float s0 = score_n[i], s1 = At(score_n, i + threads, n), s2 = At(score_n, i + 2 * threads, n),
                    s3 = At(score_n, i + 3 * threads, n);
                Count(count, s0, i, n, prefix, shift, bits);
                Count(count, s1, i + threads, n, prefix, shift, bits);
                Count(count, s2, i + 2 * threads, n, prefix, shift, bits);
                Count(count, s3, i + 3 * threads, n, prefix, shift, bits);
            }

            Group.Barrier();
            int each = (Bins + threads - 1) / threads, first = IntrinsicMath.Min(t * each, Bins),
                end = IntrinsicMath.Min(first + each, Bins), own = 0;
            for (int b = first; b < end; b++)
            {
                own += count[b];
            }

            int reached = FromHere(sum_t, own), above = reached - own;
            if (above < left && left <= reached)
            {
                int digit = end - 1;
                left -= above;
                while (count[digit] < left)
                {
                    left -= count[digit];
                    digit--;
                }

                found[Digit] = digit;
                found[Left] = left;
                found[All] = count[digit] == left ? 1 : 0;
            }

            Group.Barrier();
            prefix = (prefix << bits) | (uint)found[Digit];
            left = found[Left];
            isAll = found[All] == 1;
        }

        ulong threshold = prefix << shift;
        for (int i = t; i < n; i += 4 * threads)
        {
            float s0 = score_n[i], s1 = At(score_n, i + threads, n), s2 = At(score_n, i + 2 * threads, n),
                s3 = At(score_n, i + 3 * threads, n);
            Take(key_k, found, s0, i, n, threshold);
            Take(key_k, found, s1, i + threads, n, threshold);
            Take(key_k, found, s2, i + 2 * threads, n, threshold);
            Take(key_k, found, s3, i + 3 * threads, n, threshold);
        }
    }

    private static void Take(ArrayView<ulong> key_k, ArrayView<int> found, float score, int i, int n, ulong threshold)
    {
        ulong key = TopKey.Create(score, i);
        if (i < n && key >= threshold)
        {
            key_k[Atomic.Add(ref found[Taken], 1)] = key;
        }
    }

    private static float At(ArrayView<float> score_n, int i, int n) => i < n ? score_n[i] : 0;

    private static void Count(ArrayView<int> count, float score, int i, int n, ulong prefix, int shift, int bits)
    {
        // Shifted in two steps: a shift by 64 would be a shift by 0.
        ulong key = TopKey.Create(score, i) >> shift;
        if (i < n && key >> bits == prefix)
        {
            Atomic.Add(ref count[(int)(key & ((1UL << bits) - 1))], 1);
        }
    }

    // Σ of the numbers of this thread and those after it: every step doubles how far they reach, from one half of the memory to the other.
    private static int FromHere(ArrayView<int> sum_t, int own)
    {
        int t = Group.IdxX, threads = Group.DimX, from = 0, sum = own;
        sum_t[t] = own;
        Group.Barrier();
        for (int reach = 1; reach < threads; reach *= 2)
        {
            sum += t + reach < threads ? sum_t[from + t + reach] : 0;
            from = Threads - from;
            sum_t[from + t] = sum;
            Group.Barrier();
        }

        return sum;
    }
}
