namespace FisherKernels.Kernels;

/// <summary>A score and its number as one 64-bit key: the larger key is the better choice, and no two keys are equal.</summary>
/// <remarks>
/// <code>
/// bits 63…32   the score's bits, made monotone (sign flipped; all flipped where negative), −0 as 0, NaN as 0
/// bits 31…0    the complement of the number, so that equal scores go to the lower one
/// </code>
/// A selection by such keys is the same set on every backend, whatever the order in which it was gathered.
/// </remarks>
internal static class TopKey
{
    public const int Bits = 64;

    public static ulong Of(float score, int number)
    {
        // Runs in kernels as well: of BitConverter ILGPU knows the signed half.
        uint bits = (uint)BitConverter.SingleToInt32Bits(score == 0 ? 0 : score);
        uint ordered = (bits & 0x7FFF_FFFF) > 0x7F80_0000 ? 0 : (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)ordered << 32) | ~(uint)number;
    }

    public static int Number(ulong key) => (int)~(uint)key;

    /// <summary>The score; NaN for any NaN.</summary>
    public static float Score(ulong key)
    {
        uint ordered = (uint)(key >> 32);
        return ordered == 0 ? float.NaN : BitConverter.UInt32BitsToSingle((ordered & 0x8000_0000) != 0 ? ordered & 0x7FFF_FFFF : ~ordered);
    }
}
