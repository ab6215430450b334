using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace FisherKernels.Learning.Pools;

/// <summary>What is worth knowing of a pool before pairs are chosen from it.</summary>
/// <param name="Responses">R.</param>
/// <param name="Prompts">Number of prompts.</param>
/// <param name="Dimension">D.</param>
/// <param name="Duplicates">Responses whose embedding is that of an earlier one, bit for bit; a comparison of the two says nothing.</param>
/// <param name="ConstantColumns">Columns, ascending, in which all responses are equal; they carry no information.</param>
public sealed record PoolReport(int Responses, int Prompts, int Dimension, int Duplicates, IReadOnlyList<int> ConstantColumns)
{
    private const int BlockNumbers = 1 << 20;

    /// <summary>Reads every row once, in bounded memory but for 16 bytes a response.</summary>
    /// <param name="pool">All of it.</param>
    /// <param name="progress">Told the share of the rows done, up to 1; or null.</param>
    /// <param name="cancellation">Looked at between blocks.</param>
    /// <exception cref="InputException">An embedding is NaN or infinite: names its row, prompt and column.</exception>
    public static PoolReport Of(EmbeddingPool pool, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        int columns = pool.Dimension, block = Math.Min(Math.Max(1, BlockNumbers / columns), pool.Responses);
        int[] numbers = new int[block];
        float[] rows = new float[block * columns], first = new float[columns];
        var varies = new bool[columns];
        var seen = new HashSet<UInt128>();
        for (int done = 0; done < pool.Responses;)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(block, pool.Responses - done);
            for (int j = 0; j < count; j++)
            {
                numbers[j] = done + j;
            }

            Span<float> part = rows.AsSpan(0, count * columns);
            pool.Read(numbers.AsSpan(0, count), part);
            if (done == 0)
            {
                part[..columns].CopyTo(first);
            }

            for (int at = 0; at < part.Length; at += columns)
            {
                ReadOnlySpan<float> row = part.Slice(at, columns);
                seen.Add(Mark(row));
                for (int j = 0; j < row.Length; j++)
                {
                    varies[j] |= row[j] != first[j];
                }
            }

            done += count;
            progress?.Report((double)done / pool.Responses);
        }

        return new PoolReport(
            pool.Responses,
            pool.Prompts,
            columns,
            pool.Responses - seen.Count,
            [.. Enumerable.Range(0, columns).Where(column => !varies[column])]);
    }

    // 128 bits of SHA-256: two different rows do not share them by accident, nor by design.
    private static UInt128 Mark(ReadOnlySpan<float> row)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(row), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
