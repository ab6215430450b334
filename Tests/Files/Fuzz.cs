using System.Buffers.Binary;
using System.Text;
using CsCheck;
using FisherKernels.Learning;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>Whatever the bytes: a file is read, or refused with an <see cref="InputException"/>, and never makes the reader
/// allocate what it claims.</summary>
public class Fuzz : InFolder
{
    private const long Enough = 4_000_000;

    private static readonly byte[] Npy = NpyBytes.File("<f8", "(3, 2)", NpyBytes.Of(1.0, 2, 3, 4, 5, 6));

    private static readonly byte[] Tensors = SafetensorsBytes.File(
        """{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}"""
        + ""","n":{"dtype":"I64","shape":[1],"data_offsets":[16,24]}}""", new byte[24]);

    private static readonly string[] Descr = ["<f2", "<f4", "<f8", ">f4", "|b1", "|O", "<i8", "f4", "", "<U9", "|V4", "=u2"];

    [Test]
    public void Random_bytes() =>
        Gen.Byte.Array[0, 200].Sample(bytes => Survives(bytes) && SurvivesAsTensors(bytes), iter: 300, threads: 1);

    [Test]
    public void Random_bytes_behind_a_right_start() => Gen.Select(Gen.Int[0, 12], Gen.Byte.Array[0, 200]).Sample(
        (kept, bytes) => Survives([.. Npy[..kept], .. bytes]) && SurvivesAsTensors([.. Tensors[..kept], .. bytes]), iter: 300, threads: 1);

    [Test]
    public void Right_files_with_a_few_bytes_changed() => Gen.Select(Gen.Int[0, 10_000], Gen.Byte).Array[1, 4].Sample(
        changes => Survives(Changed(Npy, changes)) && SurvivesAsTensors(Changed(Tensors, changes)), iter: 500, threads: 1);

    [Test]
    public void Right_files_cut_off_anywhere()
    {
        for (int length = 0; length < Npy.Length; length++)
        {
            Assert.That(() => Read(Npy[..length]), Throws.TypeOf<InputException>(), $"{length} bytes");
        }

        for (int length = 0; length < Tensors.Length; length++)
        {
            Assert.That(() => ReadTensors(Tensors[..length]), Throws.TypeOf<InputException>(), $"{length} bytes");
        }
    }

    [Test]
    public void Lying_headers() =>
        Gen.Select(Gen.Int[1, 3], Gen.OneOfConst(Descr), Gen.Long[-5, long.MaxValue].Array[0, 5], Gen.Int[0, 100], Gen.Bool).Sample(
        (version, descr, shape, bytes, fortran) =>
            Survives(NpyBytes.File(descr, $"({string.Join(",", shape)})", new byte[bytes], fortran ? "True" : "False", version)),
        iter: 300, threads: 1);

    [Test]
    public void Lying_tensors() =>
        Gen.Select(Gen.OneOfConst("F32", "F16", "I64", "X", ""), Gen.Long[-5, long.MaxValue].Array[0, 4], Gen.Long.Array[0, 3],
        Gen.Int[0, 100]).Sample(
        (type, shape, offsets, bytes) => SurvivesAsTensors(SafetensorsBytes.File(
            $$$"""{"w":{"dtype":"{{{type}}}","shape":[{{{string.Join(",", shape)}}}],"data_offsets":[{{{string.Join(",", offsets)}}}]}}""",
            new byte[bytes])),
        iter: 300, threads: 1);

    [Test]
    public void Words_of_the_grammar_in_any_order()
    {
        string[] words =
            ["{", "}", "(", ")", ",", ":", "'", "\"", "descr", "'descr'", "'shape'", "'fortran_order'", "True", "False", "'<f4'", "1", "0",
            " ", "\\", "é", "["];
        string[] json =
            ["{", "}", "[", "]", ",", ":", "\"w\"", "\"dtype\"", "\"F32\"", "\"shape\"", "\"data_offsets\"", "0", "-1", "4", "1e400",
            "null", "true", "\"__metadata__\"", "\\ud800"];
        Gen.OneOfConst(words).Array[0, 30]
            .Sample(text => Survives(NpyBytes.File(3, string.Concat(text), new byte[4])), iter: 400, threads: 1);
        Gen.OneOfConst(json).Array[0, 30]
            .Sample(text => SurvivesAsTensors(SafetensorsBytes.File(string.Concat(text), new byte[4])), iter: 400, threads: 1);
    }

    private static byte[] Changed(byte[] bytes, (int At, byte To)[] changes)
    {
        byte[] changed = [.. bytes];
        foreach ((int at, byte to) in changes)
        {
            changed[at % bytes.Length] = to;
        }

        return changed;
    }

    private bool Survives(byte[] bytes) => Survives(() => Read(bytes));

    private bool SurvivesAsTensors(byte[] bytes) => Survives(() => ReadTensors(bytes));

    private static bool Survives(Action read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
        }
        catch (InputException exception)
        {
            Assert.That(exception.Message, Does.Contain("fuzz"));
        }

        return GC.GetAllocatedBytesForCurrentThread() - before < Enough;
    }

    private void Read(byte[] bytes)
    {
        using NpyFile file = NpyFile.Open(Put("fuzz.npy", bytes));
        file.ReadSingles(0, new float[file.Count]);
        file.ReadInts(0, new long[file.Count]);
    }

    private void ReadTensors(byte[] bytes)
    {
        SafetensorsFile file = SafetensorsFile.Read(Put("fuzz.safetensors", bytes));
        foreach (string name in file.Names)
        {
            Assert.That(file.Singles(name), Has.Length.EqualTo(file.Shape(name).Aggregate(1L, (product, axis) => product * axis)));
        }
    }
}

/// <summary>.safetensors files put together by hand.</summary>
internal static class SafetensorsBytes
{
    public static byte[] File(string header, byte[] data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        return [.. length, .. text, .. data];
    }
}
