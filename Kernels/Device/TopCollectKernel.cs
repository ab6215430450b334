using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>The keys from a threshold up, in no particular order: the host sorts them.</summary>
/// <remarks>
/// <code>
/// { key_i : key_i ≥ threshold }      key_i = TopKey of score_i and i
///
/// score_n  [n]   float
/// key_k    [k]   ulong   out; k is the number of such keys
/// taken    [1]   int     0 before, k after
/// </code>
/// Launch: one thread per score, any group size. Integer atomics: the set does not depend on the order.
/// Cost: reads n floats, writes k keys.
/// </remarks>
internal static class TopCollectKernel
{
    public static void Run(Index1D i, ArrayView<float> score_n, ArrayView<ulong> key_k, ArrayView<int> taken, ulong threshold)
    {
        ulong key = TopKey.Of(score_n[i], i);
        if (key >= threshold)
        {
            key_k[Atomic.Add(ref taken[0], 1)] = key;
        }
    }
}
