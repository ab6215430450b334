using FisherKernels.Learning;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>.npy files written by hand are read, wherever they come from.</summary>
public class NpyReading : InFolder
{
    private static readonly TestCaseData[] Types =
    [
        Case("?", NpyType.Bool, [(byte)0, (byte)1], "|b1", 0, 1),
        Case("i1", NpyType.Int8, [(sbyte)-128, (sbyte)127], "|i1", -128, 127),
        Case("u1", NpyType.UInt8, [(byte)0, (byte)255], "|u1", 0, 255),
        Case("i2", NpyType.Int16, [short.MinValue, short.MaxValue], "<i2", -32768, 32767),
        Case("u2", NpyType.UInt16, [(ushort)0, ushort.MaxValue], "<u2", 0, 65535),
        Case("i4", NpyType.Int32, [int.MinValue, int.MaxValue], "<i4", int.MinValue, int.MaxValue),
        Case("u4", NpyType.UInt32, [0u, uint.MaxValue], "<u4", 0, uint.MaxValue),
        Case("i8", NpyType.Int64, [long.MinValue, 1L << 52], "<i8", long.MinValue, 1L << 52),
        Case("u8", NpyType.UInt64, [0ul, 1ul << 63], "<u8", 0, 9223372036854775808.0),
        Case("f2", NpyType.Float16, [(Half)(-1.5), Half.MaxValue], "<f2", -1.5, 65504),
        Case("f4", NpyType.Float32, [0.1f, float.MinValue], "<f4", 0.1f, float.MinValue),
        Case("f8", NpyType.Float64, [0.1, -1e300], "<f8", 0.1, -1e300),
        Case("native", NpyType.Float32, [1f, 2f], "=f4", 1, 2),
        Case("big-endian bytes", NpyType.UInt8, [(byte)3, (byte)4], ">u1", 3, 4),
    ];

    [Test]
    public void A_file_as_NumPy_writes_it()
    {
        // numpy.save of numpy.array([[1.5, -2]], dtype='<f2'): 128 bytes of header, then 0x3E00 and 0xC000.
        string text = "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 2), }".PadRight(117) + "\n";
        byte[] bytes = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 0x76, 0, .. text.Select(letter => (byte)letter), 0x00, 0x3E, 0x00, 0xC0];

        using NpyFile file = NpyFile.Open(Put("x.npy", bytes));

        Assert.That(file.Shape, Is.EqualTo([1L, 2]));
        Assert.That(file.Type, Is.EqualTo(NpyType.Float16));
        Assert.That(file.Count, Is.EqualTo(2));
        Assert.That(Singles(file), Is.EqualTo([1.5f, -2f]));
    }

    [Test]
    public void Versions_1_to_3([Values(1, 2, 3)] int version)
    {
        using NpyFile file = NpyFile.Open(Put("x.npy", NpyBytes.File("<i4", "(3,)", NpyBytes.Of(7, -8, 9), version: version)));
        Assert.That(Singles(file), Is.EqualTo([7f, -8f, 9f]));
    }

    [TestCase("{\"descr\": \"<f4\", \"shape\": (2,), \"fortran_order\": False}", TestName = "Other_quotes_and_order")]
    [TestCase("{ 'descr' :'<f4','fortran_order':False,'shape':( 2 , ) , }   ", TestName = "Other_spaces")]
    [TestCase("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2, 1), }", TestName = "Fortran_order_where_it_is_the_same")]
    public void A_header_in_another_hand(string dictionary)
    {
        using NpyFile file = NpyFile.Open(Put("x.npy", NpyBytes.File(1, dictionary, NpyBytes.Of(1f, 2f))));
        Assert.That(Singles(file), Is.EqualTo([1f, 2f]));
    }

    [TestCaseSource(nameof(Types))]
    public void Every_type(NpyType type, byte[] data, string descr, double[] expected)
    {
        using NpyFile file = NpyFile.Open(Put("x.npy", NpyBytes.File(descr, "(2,)", data)));
        var numbers = new double[2];
        file.ReadDoubles(0, numbers);

        Assert.That(file.Type, Is.EqualTo(type));
        Assert.That(numbers, Is.EqualTo(expected));
    }

    [Test]
    public void A_scalar_has_one_number()
    {
        using NpyFile file = NpyFile.Open(Put("x.npy", NpyBytes.File("<f8", "()", NpyBytes.Of(2.5))));
        Assert.That(file.Shape, Is.Empty);
        Assert.That(Singles(file), Is.EqualTo([2.5f]));
    }

    [Test]
    public void Nothing_is_read_from_an_empty_array()
    {
        using NpyFile file = NpyFile.Open(Put("x.npy", NpyBytes.File("<f4", "(0, 5)", [])));
        Assert.That(file.Shape, Is.EqualTo([0L, 5]));
        Assert.That(() => file.ReadSingles(0, []), Throws.Nothing);
    }

    [Test]
    public void Anywhere_in_the_file_and_by_many_threads_at_once()
    {
        double[] numbers = [.. Enumerable.Range(0, 100_000).Select(j => Math.Sqrt(j))];
        using NpyFile file = NpyFile.Open(Put("x.npy", NpyBytes.File("<f8", "(100000,)", NpyBytes.Of(numbers))));
        Parallel.For(0, 200, part =>
        {
            // 33,333 numbers take more than one part of the conversion buffer.
            var read = new double[33_333];
            file.ReadDoubles(part * 300, read);
            Assert.That(read.AsSpan().SequenceEqual(numbers.AsSpan(part * 300, read.Length)), Is.True);
        });
    }

    [Test]
    public void Not_beyond_the_end([Values(-1, 3, 4, long.MaxValue)] long start, [Values("<f4", "<i4")] string descr)
    {
        using NpyFile file = NpyFile.Open(Put("x.npy", NpyBytes.File(descr, "(4,)", new byte[16])));
        Assert.That(() => file.ReadSingles(start, new float[2]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase(0.5)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(9223372036854775808.0)]
    [TestCase(-1e300)]
    public void Only_whole_numbers_become_whole_numbers(double number)
    {
        using NpyFile file = NpyFile.Open(Put("x.npy", NpyBytes.File("<f8", "(2,)", NpyBytes.Of(3, number))));
        Assert.That(() => file.ReadInts(0, new long[2]), Throws.TypeOf<InputException>().With.Message.Contains("x.npy: number 1 is "));
        var first = new long[1];
        file.ReadInts(0, first);
        Assert.That(first, Is.EqualTo([3L]));
    }

    [Test]
    public void Whole_numbers_to_the_ends_of_their_range()
    {
        using NpyFile longs = NpyFile.Open(Put("l.npy", NpyBytes.File("<i8", "(3,)", NpyBytes.Of(long.MaxValue, long.MinValue, 1L << 31))));
        var read = new long[3];
        longs.ReadInts(0, read);
        Assert.That(read, Is.EqualTo([long.MaxValue, long.MinValue, 1L << 31]));
        Assert.That(() => longs.ReadInts(2, new int[1]), Throws.TypeOf<InputException>().With.Message.Contains(
            "number 2 is 2147483648; expected a whole number from -2147483648 to 2147483647"));

        using NpyFile unsigned = NpyFile.Open(Put("u.npy", NpyBytes.File("<u8", "(2,)", NpyBytes.Of((ulong)long.MaxValue, 1ul << 63))));
        unsigned.ReadInts(0, read.AsSpan(0, 1));
        Assert.That(read[0], Is.EqualTo(long.MaxValue));
        Assert.That(() => unsigned.ReadInts(1, new long[1]), Throws.TypeOf<InputException>());
    }

    [Test]
    public void A_double_beyond_float32_is_refused_and_infinity_stays()
    {
        using NpyFile file =
            NpyFile.Open(Put("x.npy", NpyBytes.File("<f8", "(3,)", NpyBytes.Of(double.NegativeInfinity, double.NaN, 1e39))));
        var two = new float[2];
        file.ReadSingles(0, two);
        Assert.That(two, Is.EqualTo([float.NegativeInfinity, float.NaN]));
        Assert.That(() => file.ReadSingles(0, new float[3]),
            Throws.TypeOf<InputException>().With.Message.Contains("number 2 is 1E+39, too large for float32"));
    }

    [Test]
    public void A_file_cut_off_after_it_was_opened_is_an_error_and_not_a_crash([Values("<f4", "<u4")] string descr)
    {
        string path = Put("x.npy", NpyBytes.File(descr, "(1000,)", new byte[4000]));
        using NpyFile file = NpyFile.Open(path);
        using (var cut = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            cut.SetLength(2000);
        }

        Assert.That(() => file.ReadSingles(0, new float[1000]), Throws.TypeOf<InputException>().With.Message.Contains("cut off"));
    }

    private static TestCaseData Case<T>(string name, NpyType type, T[] data, string descr, params double[] expected)
        where T : unmanaged => new TestCaseData(type, NpyBytes.Of(data), descr, expected).SetArgDisplayNames(name);

    private static float[] Singles(NpyFile file)
    {
        var numbers = new float[file.Count];
        file.ReadSingles(0, numbers);
        return numbers;
    }
}
