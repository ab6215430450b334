using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FisherKernels.Kernels.Cpu;

/// <summary>Arrays that are kept for the next call.</summary>
internal static class Scratch
{
    // A vector of 512 bits that lies across two of these costs two reads.
    private const int CacheLine = 64;

    /// <summary>So many numbers, of any value, from a cache line on; the array grows where it has to, and loses what was there.</summary>
    public static Span<T> Of<T>(ref T[] array, int length)
        where T : unmanaged
    {
        if (array.Length < length + Spare<T>())
        {
            array = GC.AllocateUninitializedArray<T>(length + Spare<T>(), pinned: true);
        }

        return array.AsSpan(Line(array), length);
    }

    /// <summary>Numbers by which an array has to be longer to begin at a cache line.</summary>
    public static unsafe int Spare<T>()
        where T : unmanaged => CacheLine / sizeof(T);

    /// <summary>The first number of a pinned array that a cache line begins with.</summary>
    public static unsafe int Line<T>(T[] array)
        where T : unmanaged
    {
        nuint address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        return (int)((CacheLine - address % CacheLine) % CacheLine / (nuint)sizeof(T));
    }
}
