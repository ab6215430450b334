using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>As <see cref="FactorKernel"/>, where the triangle is too large for shared memory.</summary>
/// <remarks>
/// <code>
/// M = λ·1 + I_past + (I + Iᵀ)/2 = L Lᵀ                                                 MATH.md §3
///
/// from                             I, I_past and λ
/// a_T         [triangle]  double   scratch
/// inverse_dd  [d,d]       double   out: L⁻¹ up to the diagonal; means nothing where M has no factor
/// word_1d     [1+d]       ulong    out: 0 where M is factored, else 1; then the bits of L's diagonal
/// </code>
/// Launch: one group of any multiple of 32 threads up to 512, at least d; 18.4 KB shared memory.
/// Cost: d³/3 operations in float64, for every four of which a number comes from memory and goes there.
/// </remarks>
internal static class FarFactorKernel
{
    public const int Threads = Factorisation.Threads;

    /// <summary>Largest d that one group is given: its work grows as d³, the host's journey as d². Where they meet was not
    /// measured.</summary>
    public const int Most = 256;

    public static void Run(PrecisionViews from, ArrayView<double> a_T, ArrayView<double> inverse_dd, ArrayView<ulong> word_1d)
    {
        ArrayView<double> u = SharedMemory.Allocate<double>(2 * Factorisation.Panel * Most), diagonal = SharedMemory.Allocate<double>(Most);
        ArrayView<int> bad = SharedMemory.Allocate<int>(1);
        Factorisation.Run(from, a_T, u, diagonal, bad, inverse_dd, word_1d, Most);
    }
}
