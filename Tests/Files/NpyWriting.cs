using System.Text;
using CsCheck;
using FisherKernels.Learning;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>What is written is what NumPy would write, and comes back bit for bit.</summary>
public class NpyWriting : InFolder
{
    [TestCase(new long[] { 2, 3 }, "(2, 3)")]
    [TestCase(new long[] { 6 }, "(6,)")]
    [TestCase(new long[] { 1, 6, 1 }, "(1, 6, 1)")]
    public void The_bytes_of_numpy_save(long[] shape, string tuple)
    {
        float[] numbers = [1, 2, 3, 4, 5, 6];
        Npy.Write<float>(PathOf("x.npy"), numbers, shape);

        string text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple}, }}".PadRight(117) + "\n";
        byte[] expected = [0x93, .. "NUMPY"u8, 1, 0, 0x76, 0, .. Encoding.ASCII.GetBytes(text), .. NpyBytes.Of(numbers)];
        Assert.That(File.ReadAllBytes(PathOf("x.npy")), Is.EqualTo(expected));
    }

    [Test]
    public void A_scalar_and_an_empty_array()
    {
        Npy.Write<double>(PathOf("x.npy"), [2.5], []);
        using (NpyFile scalar = NpyFile.Open(PathOf("x.npy")))
        {
            Assert.That(scalar.Shape, Is.Empty);
        }

        Npy.Write<long>(PathOf("x.npy"), [], [0, long.MaxValue / 16]);
        using NpyFile empty = NpyFile.Open(PathOf("x.npy"));
        Assert.That(empty.Shape, Is.EqualTo([0, long.MaxValue / 16]));
    }

    [Test]
    public void Floats_come_back_bit_for_bit() => Gen.Float.Array[0, 50].Sample(numbers =>
    {
        Npy.Write<float>(PathOf("x.npy"), numbers, [numbers.Length]);
        using NpyFile file = NpyFile.Open(PathOf("x.npy"));
        var read = new float[numbers.Length];
        file.ReadSingles(0, read);
        return read.Select(BitConverter.SingleToInt32Bits).SequenceEqual(numbers.Select(BitConverter.SingleToInt32Bits));
    }, iter: 200, threads: 1);

    [Test]
    public void Halves_doubles_and_whole_numbers_come_back()
    {
        ReadBack<Half>([(Half)0.1, Half.NegativeInfinity], NpyType.Float16, [(double)(Half)0.1, double.NegativeInfinity]);
        ReadBack<double>([0.1, double.Epsilon], NpyType.Float64, [0.1, double.Epsilon]);
        ReadBack<int>([-1, int.MaxValue], NpyType.Int32, [-1, int.MaxValue]);
        ReadBack<long>([-1, 1L << 40], NpyType.Int64, [-1, 1L << 40]);
        ReadBack<byte>([0, 255], NpyType.UInt8, [0, 255]);
    }

    [Test]
    public void More_than_one_part_comes_back()
    {
        byte[] numbers = new byte[(1 << 20) + 17];
        new Random(1).NextBytes(numbers);
        Npy.Write<byte>(PathOf("x.npy"), numbers, [numbers.Length]);
        Assert.That(File.ReadAllBytes(PathOf("x.npy")).AsSpan(128).SequenceEqual(numbers), Is.True);
    }

    [Test]
    public void A_shape_of_other_numbers_is_refused_and_nothing_written()
    {
        Assert.That(() => Npy.Write<float>(PathOf("x.npy"), new float[6], [2, 4]),
            Throws.ArgumentException.With.Message.StartsWith("The shape (2, 4) is not that of 6 numbers."));
        Assert.That(() => Npy.Write<float>(PathOf("x.npy"), new float[6], [-2, -3]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Npy.Write<float>(PathOf("x.npy"), [], [1L << 32, 1L << 32]), Throws.ArgumentException);
        Assert.That(() => Npy.Write<decimal>(PathOf("x.npy"), [1], [1]), Throws.ArgumentException.With.Message.StartsWith("Decimal"));
        Assert.That(() =>
            Npy.Write<float>(PathOf("no/x.npy"), [1], [1]), Throws.TypeOf<InputException>().With.Message.Contains("there is no folder"));
        Assert.That(Directory.GetFileSystemEntries(Folder), Is.Empty);
    }

    private void ReadBack<T>(T[] numbers, NpyType type, double[] expected)
        where T : unmanaged
    {
        Npy.Write<T>(PathOf("x.npy"), numbers, [numbers.Length]);
        using NpyFile file = NpyFile.Open(PathOf("x.npy"));
        var read = new double[numbers.Length];
        file.ReadDoubles(0, read);
        Assert.That(file.Type, Is.EqualTo(type));
        Assert.That(read, Is.EqualTo(expected));
    }
}
