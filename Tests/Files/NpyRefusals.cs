using FisherKernels.Learning;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>What is no .npy file of numbers is refused by name, before anything of its size is allocated.</summary>
public class NpyRefusals : InFolder
{
    private static readonly byte[] Good = NpyBytes.File("<f4", "(2, 3)", new byte[24]);

    private static readonly TestCaseData[] Wrong =
    [
        Case("nothing", [], "is empty"),
        Case("text", "some words in a file"u8.ToArray(), "not a .npy file"),
        Case("the mark alone", Good[..6], "not a .npy file"),
        Case("version 4", [.. Good[..6], 4, .. Good[7..]], "format version 4.0"),
        Case("version 1.1", [.. Good[..7], 1, .. Good[8..]], "format version 1.1"),
        Case("a header beyond the file", [.. Good[..8], 255, 255, .. Good[10..]], "its header claims 65535 bytes"),
        Case("a header of gigabytes", [.. Good[..6], 2, 0, 255, 255, 255, 255, .. Good[12..]], "its header claims 4294967295 bytes"),
        Case("cut off in its header", Good[..40], "truncated"),
        Case("cut off by one byte", Good[..^1],
            $"truncated: shape (2, 3) of Float32 needs {Good.Length} bytes, the file has {Good.Length - 1}"),
        Case("a byte too many", [.. Good, 0],
            $"longer than its header says: shape (2, 3) of Float32 needs {Good.Length} bytes, the file has {Good.Length + 1}"),
        Case("a lying shape", NpyBytes.File("<f4", "(1000000000, 2048)", new byte[24]), "truncated: shape (1000000000, 2048)"),
        Case("a shape that overflows", NpyBytes.File("<f4", "(4294967296, 4294967296)", new byte[24]), "more numbers than any file"),
        Case("a shape that overflows to 0", NpyBytes.File("<f4", "(4294967296, 4294967296, 4294967296)", []), "more numbers than any file"),
        Case("a number beyond int64", NpyBytes.File("<f4", "(99999999999999999999,)", []), "an axis of the shape was expected"),
        Case("a negative axis", NpyBytes.File("<f4", "(-1,)", []), "an axis of the shape was expected"),
        Case("too many axes", NpyBytes.File("<f4", $"({string.Concat(Enumerable.Repeat("1,", 33))})", new byte[4]),
            "an axis of the shape was expected"),
        Case("objects", NpyBytes.File("|O", "(2,)", new byte[16]), "holds Python objects"),
        Case("strings", NpyBytes.File("<U3", "(2,)", new byte[24]), "has dtype '<U3'"),
        Case("complex numbers", NpyBytes.File("<c8", "(2,)", new byte[16]), "has dtype '<c8'"),
        Case("long doubles", NpyBytes.File("<f16", "(2,)", new byte[32]), "has dtype '<f16'"),
        Case("records", NpyBytes.File(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", new byte[8]),
            "structured records"),
        Case("big-endian", NpyBytes.File(">f4", "(2,)", new byte[8]), "is big-endian (dtype >f4); save it with astype('<f4')"),
        Case("Fortran order", NpyBytes.File("<f4", "(2, 3)", new byte[24], "True"), "numpy.ascontiguousarray"),
        Case("no shape", NpyBytes.File(1, "{'descr': '<f4', 'fortran_order': False, }", []), "must have descr, fortran_order and shape"),
        Case("a key twice", NpyBytes.File(1, "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (), }", new byte[4]),
            "'descr' is unknown or occurs twice"),
        Case("another key", NpyBytes.File(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': 1}", new byte[4]),
            "'x' is unknown"),
        Case("something behind the dictionary",
            NpyBytes.File(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (), } + {}", new byte[4]), "is damaged"),
        Case("a call", NpyBytes.File(1, "__import__('os')", []), "is damaged"),
        Case("a list of axes", NpyBytes.File("<f4", "[2, 3]", new byte[24]), "'(' was expected"),
        Case("neither true nor false", NpyBytes.File("<f4", "(2, 3)", new byte[24], "Maybe"), "True or False was expected"),
    ];

    [TestCaseSource(nameof(Wrong))]
    public void By_name(byte[] bytes, string message)
    {
        string path = Put("wrong.npy", bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => NpyFile.Open(path), Throws.TypeOf<InputException>().With.Message.StartsWith(path).And.Message.Contains(message));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10_000_000));
    }

    [Test]
    public void No_file_and_a_folder()
    {
        Assert.That(() => NpyFile.Open(PathOf("none.npy")), Throws.TypeOf<InputException>().With.Message.Contains("none.npy is not there"));
        Assert.That(() =>
            NpyFile.Open(PathOf("no/where.npy")), Throws.TypeOf<InputException>().With.Message.Contains("where.npy is not there"));
        Assert.That(() => NpyFile.Open(Folder), Throws.TypeOf<InputException>().With.Message.Contains("is a folder"));
    }

    private static TestCaseData Case(string name, byte[] bytes, string message) =>
        new TestCaseData(bytes, message).SetArgDisplayNames(name);
}
