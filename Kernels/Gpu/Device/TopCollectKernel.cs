using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>The keys from a threshold up, in no particular order: the host sorts them.</summary>
/// <remarks>
/// <code>
/// { key_i : key_i ≥ threshold }      key_i = TopKey of score_i and i
///
/// score_n  [n]        float
/// cut_3    [3]        ulong   of TopDigitKernel; the threshold last
/// key_k    [k]        ulong   out; k is the number of such keys
/// count_C  [2048+2]   int     of TopDigitKernel; the last one counts the keys taken, 0 before
/// </code>
/// Launch: one thread per score, any group size. Integer atomics: the set does not depend on the order.
/// Cost: reads n floats, writes k keys.
/// </remarks>
internal static class TopCollectKernel
{
    public static void Run(Index1D i, ArrayView<float> score_n, ArrayView<ulong> cut_3, ArrayView<ulong> key_k, ArrayView<int> count_C)
    {
        ulong key = TopKey.Create(score_n[i], i);
        if (key >= cut_3[2])
        {
            key_k[Atomic.Add(ref count_C[TopDigitKernel.Taken], 1)] = key;
        }
    }
}
