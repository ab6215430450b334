using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>The precision's Cholesky factor and its inverse, in one group, whose shared memory holds the triangle.</summary>
/// <remarks>
/// <code>
/// M = λ·1 + I_past + (I + Iᵀ)/2 = L Lᵀ                                                 MATH.md §3
///
/// from                          I, I_past and λ
/// inverse_dd  [d,d]    double   out: L⁻¹ up to the diagonal; means nothing where M has no factor
/// word_1d     [1+d]    ulong    out: 0 where M is factored, else 1; then the bits of L's diagonal
/// </code>
/// See <see cref="Factorisation"/>, whose two kernels differ only in where the triangle is: a compiler that knows it is in shared memory
/// may move what it reads.
/// Launch: one group of any multiple of 32 threads up to 512, at least d; 44.2 KB shared memory.
/// Cost: d³/3 operations in float64; at d = 64 the roots and divisions of 64 pivots, one after the other.
/// </remarks>
internal static class FactorKernel
{
    public const int Threads = Factorisation.Threads;

    /// <summary>Largest d whose triangle is in shared memory.</summary>
    public const int Near = 96;

    public static void Run(PrecisionViews from, ArrayView<double> inverse_dd, ArrayView<ulong> word_1d)
    {
        ArrayView<double> a = SharedMemory.Allocate<double>(Near * (Near + 1) / 2);
        ArrayView<double> u = SharedMemory.Allocate<double>(2 * Factorisation.Panel * Near), diagonal = SharedMemory.Allocate<double>(Near);
        ArrayView<int> bad = SharedMemory.Allocate<int>(1);
        Factorisation.Run(from, a, u, diagonal, bad, inverse_dd, word_1d, Near);
    }
}
