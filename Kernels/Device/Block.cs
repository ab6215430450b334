using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>32×32 numbers in shared memory, filled by a group of 64 threads: what the product kernels are cut into.</summary>
/// <remarks>
/// <code>
/// block_kc[k·33 + c]      k, c in 0…31
/// </code>
/// A line is 33 numbers long so that 32 threads that fill a column meet 32 different banks.
/// </remarks>
internal static class Block
{
    public const int Side = 32, Line = Side + 1, Size = Side * Line, Threads = 64;

    public static int Count(int numbers) => (numbers + Side - 1) / Side;

    /// <summary>block[k, c] = source[row + k, column + c], zero outside.</summary>
    public static void Load<T>(ArrayView<T> block_kc, ArrayView<T> source, int row, int rows, int column, int columns)
        where T : unmanaged
    {
        int c = Group.IdxX % Side;
        for (int k = Group.IdxX / Side; k < Side; k += Threads / Side)
        {
            block_kc[k * Line + c] = row + k < rows && column + c < columns ? source[(row + k) * columns + column + c] : default;
        }
    }

    /// <summary>block[k, r] = source[row + r, column + k], zero outside; neighbouring threads read neighbouring numbers.</summary>
    public static void LoadTransposed<T>(ArrayView<T> block_kr, ArrayView<T> source, int row, int rows, int column, int columns)
        where T : unmanaged
    {
        int k = Group.IdxX % Side;
        for (int r = Group.IdxX / Side; r < Side; r += Threads / Side)
        {
            block_kr[k * Line + r] = row + r < rows && column + k < columns ? source[(row + r) * columns + column + k] : default;
        }
    }
}
