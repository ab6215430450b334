namespace FisherKernels.Kernels;

/// <summary>A score and its index as one 64-bit key: the larger key is the better choice, and no two keys are equal.</summary>
/// <remarks>
/// <code>
/// bits 63…32   the score's bits, made monotone (sign flipped; all flipped where negative), −0 as 0, NaN as 0
/// bits 31…0    the complement of the index, so that equal scores go to the lower one
/// </code>
/// A selection by such keys is the same set on every backend, whatever the order in which it was gathered.
/// </remarks>
public static class TopKey
{
    /// <summary>Bits of a key.</summary>
    public const int Bits = 64;

    /// <summary>The key of a score, which may be any float, and of its index; an index above 2³¹ − 1 is given by its 32 bits.</summary>
    public static ulong Create(float score, int index)
    {
        // Runs in kernels as well: of BitConverter ILGPU knows the signed half.
        uint bits = (uint)BitConverter.SingleToInt32Bits(score == 0 ? 0 : score);
        uint ordered = (bits & 0x7FFF_FFFF) > 0x7F80_0000 ? 0 : (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)ordered << 32) | ~(uint)index;
    }

    /// <summary>The 32 bits of a key's index.</summary>
    public static int Index(ulong key) => (int)~(uint)key;

    /// <summary>The score of a key; NaN for any NaN, 0 for −0.</summary>
    public static float Score(ulong key)
    {
        uint ordered = (uint)(key >> 32);
        return ordered == 0 ? float.NaN : BitConverter.UInt32BitsToSingle((ordered & 0x8000_0000) != 0 ? ordered & 0x7FFF_FFFF : ~ordered);
    }
}
