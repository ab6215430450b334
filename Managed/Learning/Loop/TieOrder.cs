using FisherKernels.Kernels;

namespace FisherKernels.Learning.Loop;

/// <summary>The order in which strategies see the candidates: of equal scores the first is taken, and the seed says which that
/// is.</summary>
internal static class TieOrder
{
    /// <summary>The candidates' indices in an order that depends on the set of pairs and on the stream, not on how the pairs were
    /// listed.</summary>
    public static int[] Create(ReadOnlySpan<Pair> candidates, SeededRandom random)
    {
        var keys = new (int Low, int High, int First, int Index)[candidates.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            (int a, int b) = (candidates[i].First, candidates[i].Second);
            keys[i] = (Math.Min(a, b), Math.Max(a, b), a, i);
        }

        Array.Sort(keys);
        int[] order = Array.ConvertAll(keys, key => key.Index);
        random.Shuffle<int>(order);
        return order;
    }
}
