using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using FisherKernels.Learning;

namespace FisherKernels.Storage;

/// <summary>Writes .npy files, format version 1.0, C order, little-endian.</summary>
public static class Npy
{
    private const int Alignment = 64;

    // A span of bytes ends at 2 GiB, one of numbers does not.
    private const int PartNumbers = 1 << 20;

    /// <summary>Writes an array; whatever was there stays until the new file is whole.</summary>
    /// <typeparam name="T">Half, float, double, int, long or byte.</typeparam>
    /// <param name="path">The target.</param>
    /// <param name="numbers">In C order.</param>
    /// <param name="shape">Axes, whose product is the number of numbers.</param>
    /// <exception cref="ArgumentException">A shape that does not fit, or a type that has no .npy name.</exception>
    /// <exception cref="InputException">The folder is not there.</exception>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public static void Write<T>(string path, ReadOnlySpan<T> numbers, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        byte[] header = Header(numbers.Length, Name<T>(), shape);
        AtomicFile.Write(path, numbers, (stream, numbers) => Write(stream, header, numbers));
    }

    /// <summary>Writes an array into a stream.</summary>
    /// <param name="stream">The target.</param>
    /// <param name="numbers">In C order.</param>
    /// <param name="shape">Axes, whose product is the number of numbers.</param>
    /// <exception cref="ArgumentException">A shape that does not fit, or a type that has no .npy name.</exception>
    internal static void Write<T>(Stream stream, ReadOnlySpan<T> numbers, ReadOnlySpan<long> shape)
        where T : unmanaged => Write(stream, Header(numbers.Length, Name<T>(), shape), numbers);

    private static void Write<T>(Stream stream, byte[] header, ReadOnlySpan<T> numbers)
        where T : unmanaged
    {
        stream.Write(header);
        for (int done = 0; done < numbers.Length; done += PartNumbers)
        {
            stream.Write(MemoryMarshal.AsBytes(numbers.Slice(done, Math.Min(PartNumbers, numbers.Length - done))));
        }
    }

    private static byte[] Header(int numbers, string descr, ReadOnlySpan<long> shape)
    {
        BigInteger count = 1;
        foreach (long axis in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(axis, nameof(shape));
            count *= axis;
        }

        return count == numbers
            ? Header(descr, shape)
            : throw new ArgumentException(
                $"The shape ({string.Join(", ", shape.ToArray())}) is not that of {numbers} numbers.", nameof(shape));
    }

    /// <summary>Writes an array that is made while it is written, so that it need not fit into memory; whatever was there stays
    /// until the new
    /// file is complete.</summary>
    /// <typeparam name="T">Half, float, double, int, long or byte.</typeparam>
    /// <param name="path">The target.</param>
    /// <param name="shape">Axes.</param>
    /// <param name="content">Writes as many numbers as the shape has, in C order and little-endian.</param>
    /// <exception cref="ArgumentException">A type that has no .npy name.</exception>
    /// <exception cref="InputException">The folder is not there.</exception>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public static void Write<T>(string path, ReadOnlySpan<long> shape, Action<Stream> content)
        where T : unmanaged
    {
        byte[] header = Header(Name<T>(), shape);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            content(stream);
        });
    }

    private static byte[] Header(string descr, ReadOnlySpan<long> shape)
    {
        string tuple = shape.Length == 1 ? $"{shape[0]}," : string.Join(", ", shape.ToArray());
        string text = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({tuple}), }}";
        int length = (10 + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var header = new byte[length];
        header.AsSpan().Fill((byte)' ');
        header[0] = 0x93;
        "NUMPY"u8.CopyTo(header.AsSpan(1));
        header[6] = 1;
        header[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(length - 10));
        Encoding.ASCII.GetBytes(text, header.AsSpan(10));
        header[^1] = (byte)'\n';
        return header;
    }

    private static string Name<T>() => default(T) switch
    {
        Half => "<f2",
        float => "<f4",
        double => "<f8",
        int => "<i4",
        long => "<i8",
        byte => "|u1",
        _ => throw new ArgumentException($"{typeof(T).Name} has no .npy type here."),
    };
}
