using System.Runtime.InteropServices;

namespace FisherKernels.Kernels;

/// <summary>One comparison: response <paramref name="First"/> against response <paramref name="Second"/> (row numbers).</summary>
/// <param name="First">a, the row of the response shown first.</param>
/// <param name="Second">b, the row of the response shown second; never equal to <paramref name="First"/>.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Pair(int First, int Second)
{
    /// <summary>The comparison without its direction: the lower row first, so that a pair and its reverse are equal.</summary>
    public Pair Ascending() => First <= Second ? this : new Pair(Second, First);
}
