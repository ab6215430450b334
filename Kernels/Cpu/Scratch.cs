using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FisherKernels.Kernels.Cpu;

/// <summary>Arrays that are kept for the next call.</summary>
internal static class Scratch
{
    // A vector of 512 bits that lies across two of these costs two reads.
    private const int CacheLine = 64;

    /// <summary>So many numbers, of any value, from a cache line on; the array grows where it has to, and loses what was there.</summary>
    public static unsafe Span<T> Of<T>(ref T[] array, int length)
        where T : unmanaged
    {
        int spare = CacheLine / sizeof(T);
        if (array.Length < length + spare)
        {
            // Pinned, so that the line stays where it is.
            array = GC.AllocateUninitializedArray<T>(length + spare, pinned: true);
        }

        nuint address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        return array.AsSpan((int)((CacheLine - address % CacheLine) % CacheLine / (nuint)sizeof(T)), length);
    }
}
