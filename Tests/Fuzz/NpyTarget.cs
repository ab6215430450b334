using System.Buffers.Binary;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Fuzz;

/// <summary>Arrays, as numbers and as a pool with its prompts. What begins like a .npy file is one; anything else is a header and its
/// numbers, put together with the right length, which chance does not find.</summary>
internal sealed class NpyTarget(string path) : Target
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Words { get; } =
    [
        "'descr': ", "'fortran_order': ", "'shape': ", "True", "False", "<f2", "<f4", "<f8", ">f4", ">i8", "|b1", "|i1", "|u1", "|O",
        "<U9", "<i4", "<i8", "<u8", "<c8", "(2, 3)", "(0, 1)", "(3,)", "()", "(1, 2, 3)", "9223372036854775807", "4294967296",
        "\u0093NUMPY\u0001\0", "\u0093NUMPY\u0003\0",
    ];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        Npy.Write<float>(path, [1, 2, 3, 4, 5, 6], [3, 2]);
        yield return File.ReadAllBytes(path);
        Npy.Write<long>(path, [5, 5, 7], [3]);
        yield return File.ReadAllBytes(path);
        yield return Joined(Bytes("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 1, 1), }\n"), new byte[16]);
        yield return Joined(Bytes("{'descr': '>i2', 'fortran_order': False, 'shape': (2, 2), }\n"), new byte[8]);
        yield return Joined(Bytes("{'descr': '|b1', 'fortran_order': False, 'shape': (), }\n"), [1]);
        yield return Joined(Bytes("{'descr': '<f2', 'fortran_order': False, 'shape': (0, 4), }\n"), []);
    }

    /// <inheritdoc/>
    protected override void Read(byte[] input)
    {
        File.WriteAllBytes(path, input is [0x93, ..] ? input : Composed(input));
        Refusable(ReadNumbers);
        Refusable(() => ReadPool(null));
        Refusable(() => ReadPool(path));
    }

    private static byte[] Composed(byte[] input)
    {
        byte[][] parts = Parted(input, 2);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, parts[0].Length);
        return [0x93, .. "NUMPY"u8, 2, 0, .. length, .. parts[0], .. parts[1]];
    }

    private void ReadNumbers()
    {
        using NpyFile file = NpyFile.Open(path);
        Refusable(() => file.ReadSingles(0, new float[file.Count]));
        Refusable(() => file.ReadDoubles(0, new double[file.Count]));
        Refusable(() => file.ReadInts(0, new long[file.Count]));
        Refusable(() => file.ReadInts(0, new int[file.Count]));
    }

    private void ReadPool(string? prompts)
    {
        using EmbeddingPool pool = PoolFile.Load(path, prompts);
        int seen = 0;
        for (int prompt = 0; prompt < pool.Prompts; prompt++)
        {
            seen += pool.ResponsesOf(prompt).Length;
        }

        Require(seen == pool.Responses, $"{seen} responses of the prompts are not {pool.Responses}.");
        if (pool.Responses > 0)
        {
            pool.Read([pool.Responses - 1, 0], new float[2 * pool.Dimension]);
        }

        pool.Scan();
    }
}
