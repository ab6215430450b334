using System.Text;
using CsCheck;
using FisherKernels.Learning;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>Tensors of the Python library are read, damaged ones refused, and what is written comes back bit for bit.</summary>
public class SafetensorsTests : InFolder
{
    private static readonly TestCaseData[] Wrong =
    [
        Case("nothing", [], "has 0 bytes"),
        Case("a header of 10^18 bytes", [0, 0, 100, 167, 179, 182, 224, 13, (byte)'{', (byte)'}'],
            "its header claims 1000000000000000000 bytes"),
        Case("a negative length", [255, 255, 255, 255, 255, 255, 255, 255], "its header claims 18446744073709551615 bytes"),
        Case("no JSON", SafetensorsBytes.File("hello", []), "is damaged"),
        Case("a list", SafetensorsBytes.File("[]", []), "is damaged"),
        Case("an unknown type", Tensor("F31", "[1]", "[0,4]", 4), "the unknown type 'F31'"),
        Case("beyond the end", Tensor("F32", "[2]", "[0,8]", 4), "lies at [0, 8] of 4 bytes"),
        Case("backwards", Tensor("F32", "[0]", "[4,0]", 4), "lies at [4, 0]"),
        Case("a negative start", Tensor("F32", "[1]", "[-4,0]", 0), "lies at [-4, 0]"),
        Case("one offset", Tensor("F32", "[1]", "[4]", 4), "lies at [4]"),
        Case("another shape", Tensor("F32", "[2]", "[0,4]", 4), "needs 8 bytes and has 4"),
        Case("a negative axis", Tensor("F32", "[-1]", "[0,4]", 4), "has shape -1"),
        Case("a shape that overflows", Tensor("F32", "[4294967296,4294967296]", "[0,0]", 0), "has shape 4294967296×4294967296"),
        Case("a fraction of an axis", Tensor("F32", "[1.5]", "[0,4]", 4), "is damaged"),
        Case("bytes of no tensor", Tensor("F32", "[1]", "[0,4]", 8), "its tensors take 4 bytes, 8 are there"),
        Case("a hole", Two("[0,4]", "[8,12]", 12), "overlap or leave holes at byte 4"),
        Case("an overlap", Two("[0,4]", "[2,6]", 6), "overlap or leave holes at byte 4"),
        Case("a name twice",
            SafetensorsBytes.File(
                """{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", []),
                    "is damaged"),
        Case("no offsets", SafetensorsBytes.File("""{"a":{"dtype":"F32","shape":[0]}}""", []), "is damaged"),
        Case("metadata of numbers", SafetensorsBytes.File("""{"__metadata__":{"a":1}}""", []), "is damaged"),
    ];

    [TestCaseSource(nameof(Wrong))]
    public void Refused_by_name(byte[] bytes, string message)
    {
        string path = Put("wrong.safetensors", bytes);
        Assert.That(() =>
            SafetensorsFile.Read(path), Throws.TypeOf<InputException>().With.Message.StartsWith(path).And.Message.Contains(message));
    }

    [Test]
    public void No_file_and_a_folder()
    {
        Assert.That(() => SafetensorsFile.Read(PathOf("none")), Throws.TypeOf<InputException>().With.Message.Contains("none is not there"));
        Assert.That(() => SafetensorsFile.Read(Folder), Throws.TypeOf<InputException>().With.Message.Contains("is a folder"));
    }

    [Test]
    public void Every_type_that_a_model_may_have()
    {
        // bfloat16 is the upper half of a float32: 0x3FC0 is 1.5.
        byte[] data =
            [.. NpyBytes.Of(0.1, -2), .. NpyBytes.Of(7L), .. NpyBytes.Of(0.1f), .. NpyBytes.Of(-3), .. NpyBytes.Of((Half)0.1), 0xC0, 0x3F];
        SafetensorsFile file = SafetensorsFile.Read(Put("x", SafetensorsBytes.File(
            """
            {"f64":{"dtype":"F64","shape":[2,1],"data_offsets":[0,16]},"i64":{"dtype":"I64","shape":[],"data_offsets":[16,24]},
             "f32":{"dtype":"F32","shape":[1],"data_offsets":[24,28]},"i32":{"dtype":"I32","shape":[1],"data_offsets":[28,32]},
             "f16":{"dtype":"F16","shape":[1],"data_offsets":[32,34]},"bf16":{"dtype":"BF16","shape":[1],"data_offsets":[34,36]}}    
            """, data)));

        Assert.That(file.Names, Is.EquivalentTo(["f64", "i64", "f32", "i32", "f16", "bf16"]));
        Assert.That(file.Shape("f64"), Is.EqualTo([2L, 1]));
        Assert.That(file.Shape("i64"), Is.Empty);
        Assert.That(file.Singles("f64"), Is.EqualTo([0.1f, -2f]));
        Assert.That(file.Singles("f32"), Is.EqualTo([0.1f]));
        Assert.That(file.Singles("f16"), Is.EqualTo([(float)(Half)0.1]));
        Assert.That(file.Singles("bf16"), Is.EqualTo([1.5f]));
        Assert.That(file.Integers("i64"), Is.EqualTo([7L]));
        Assert.That(file.Integers("i32"), Is.EqualTo([-3L]));
        Assert.That(file.Metadata, Is.Empty);
        Assert.That(() => file.Singles("i64"), Throws.TypeOf<InputException>().With.Message.Contains("i64 is of type I64; expected F32"));
        Assert.That(() => file.Integers("f32"), Throws.TypeOf<InputException>().With.Message.Contains("f32 is of type F32; expected I64"));
        Assert.That(() => file.Singles("w"), Throws.TypeOf<InputException>().With.Message.Contains("has no tensor w; it has f64, i64"));
    }

    [Test]
    public void A_double_beyond_float32_is_refused()
    {
        SafetensorsFile file = SafetensorsFile.Read(Put("x", SafetensorsBytes.File(
            """{"w":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}""", NpyBytes.Of(double.PositiveInfinity, 1e39))));
        Assert.That(() =>
            file.Singles("w"), Throws.TypeOf<InputException>().With.Message.Contains("w has 1E+39 at 1, too large for float32"));
    }

    [Test]
    public void The_bytes_of_the_Python_library()
    {
        // safetensors.numpy.save_file({"b": float32 [1, 2], "a": float32 [[3]]}, metadata={"k": "v"})
        SafetensorsFile.Write(PathOf("x"), [("b", [2], [1, 2]), ("a", [1, 1], [3])], new Dictionary<string, string> { ["k"] = "v" });

        string header = """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}"""
            + ""","b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""";
        int padded = (header.Length + 7) / 8 * 8;
        Assert.That(File.ReadAllBytes(PathOf("x")), Is.EqualTo(SafetensorsBytes.File(header.PadRight(padded), NpyBytes.Of(3f, 1, 2))));
    }

    [Test]
    public void What_is_written_comes_back() =>
        Gen.Select(Gen.Float.Array[0, 20].Array[0, 4], Gen.String, Gen.String).Sample((tensors, key, value) =>
    {
        // A lone half of a surrogate pair is no text, and JSON has no way to write it.
        (key, value) = (Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(key)), Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value)));
        SafetensorsFile.Write(
            PathOf("x"), [.. tensors.Select((numbers, t) => ($"{key} {t}", new[] { (long)numbers.Length }, numbers))],
            new Dictionary<string, string> { [key] = value });
        SafetensorsFile file = SafetensorsFile.Read(PathOf("x"));
        return file.Metadata[key] == value && file.Names.Count == tensors.Length && tensors.Select((numbers, t) => (numbers, t)).All(
            tensor => file.Singles($"{key} {tensor.t}").Select(BitConverter.SingleToInt32Bits)
                .SequenceEqual(tensor.numbers.Select(BitConverter.SingleToInt32Bits)));
    }, iter: 200, threads: 1);

    [Test]
    public void What_cannot_be_read_again_is_not_written()
    {
        var none = new Dictionary<string, string>();
        Assert.That(() => SafetensorsFile.Write(PathOf("x"), [("a", [2], [1])], none),
            Throws.ArgumentException.With.Message.StartsWith("a has 1 numbers, its shape is 2."));
        Assert.That(() => SafetensorsFile.Write(PathOf("x"), [("a", [1], [1]), ("a", [1], [1])], none), Throws.ArgumentException);
        Assert.That(() => SafetensorsFile.Write(PathOf("x"), [("__metadata__", [1], [1])], none), Throws.ArgumentException);
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    }

    private static byte[] Tensor(string type, string shape, string offsets, int bytes) =>
        SafetensorsBytes.File($$$"""{"w":{"dtype":"{{{type}}}","shape":{{{shape}}},"data_offsets":{{{offsets}}}}}""", new byte[bytes]);

    private static byte[] Two(string first, string second, int bytes) => SafetensorsBytes.File(
        $$$"""{"a":{"dtype":"F32","shape":[1],"data_offsets":{{{first}}}},"b":{"dtype":"F32","shape":[1],"data_offsets":{{{second}}}}}""",
        new byte[bytes]);

    private static TestCaseData Case(string name, byte[] bytes, string message) =>
        new TestCaseData(bytes, message).SetArgDisplayNames(name);
}
