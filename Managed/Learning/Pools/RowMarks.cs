using System.Numerics;

namespace FisherKernels.Learning.Pools;

/// <summary>What tells the contents of a pool's rows apart: a mark of 128 bits for each row that was looked at, made once and
/// remembered.</summary>
/// <remarks>
/// Rows of equal numbers have equal marks, −0 being 0. That two others of a pool of a million rows share one has a chance of about 10⁻²⁷.
/// Serves several threads.
/// </remarks>
/// <param name="rows">R.</param>
/// <param name="dimension">D.</param>
/// <param name="mark">Reads some rows, whatever they hold, and marks each by <see cref="Mark"/>.</param>
internal sealed class RowMarks(int rows, int dimension, RowMarks.Marker mark)
{
    private const int BlockNumbers = 1 << 20;

    private static readonly UInt128 Unknown = 0;
    private readonly Lock _lock = new();
    private UInt128[]? _marks;

    /// <summary>Marks some rows.</summary>
    public delegate void Marker(ReadOnlySpan<int> responses, Span<UInt128> marks);

    /// <summary>The mark of a row with a number that is not finite.</summary>
    public static UInt128 Broken => 1;

    /// <summary>The marks of some rows.</summary>
    public UInt128[] Of(int[] responses)
    {
        lock (_lock)
        {
            UInt128[] marks = _marks ??= new UInt128[rows];
            int[] missing = [.. responses.Where(row => marks[row] == Unknown).Distinct().Order()];
            int block = Math.Max(1, BlockNumbers / dimension);
            Blocks.InOrder((missing.Length + block - 1) / block, number =>
            {
                ReadOnlySpan<int> here = missing.AsSpan(number * block, Math.Min(block, missing.Length - number * block));
                var found = new UInt128[here.Length];
                mark(here, found);
                for (int j = 0; j < here.Length; j++)
                {
                    marks[here[j]] = found[j];
                }
            });
            return Array.ConvertAll(responses, row => marks[row]);
        }
    }

    /// <summary>The mark of a row. Each step is one to one in what came before, so rows that differ in one number never meet.</summary>
    public static UInt128 Mark<T>(ReadOnlySpan<T> numbers)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ulong a = 0x9E3779B97F4A7C15, b = 0xC2B2AE3D27D4EB4F;
        bool isFinite = true;
        foreach (T number in numbers)
        {
            ulong bits = T.IsZero(number) ? 0 : BitConverter.DoubleToUInt64Bits(double.CreateTruncating(number));
            isFinite &= T.IsFinite(number);
            a = BitOperations.RotateLeft(a ^ bits, 29) * 0xBF58476D1CE4E5B9;
            b = (BitOperations.RotateLeft(b, 23) + bits) * 0x94D049BB133111EB;
        }

        var mark = new UInt128(a, b);
        return !isFinite ? Broken : mark > Broken ? mark : mark + 2;
    }
}
