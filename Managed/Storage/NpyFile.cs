using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using FisherKernels.Learning;
using Microsoft.Win32.SafeHandles;

namespace FisherKernels.Storage;

/// <summary>A .npy file open for reading anywhere in it.</summary>
/// <remarks>
/// Reads are positional, not through a memory map: pages of a map that were touched count as resident memory, and a file
/// that is cut off underneath a map kills the process. Several threads may read at once.
/// </remarks>
public sealed class NpyFile : IDisposable
{
    private const int PartBytes = 1 << 18, PartSingles = 1 << 26;

    private readonly SafeFileHandle _handle;
    private readonly NpyHeader _header;

    private NpyFile(string path, SafeFileHandle handle, NpyHeader header) => (Path, _handle, _header) = (path, handle, header);

    /// <summary>As it was opened.</summary>
    public string Path { get; }

    /// <summary>Axes, in C order.</summary>
    public IReadOnlyList<long> Shape => _header.Shape;

    /// <summary>Element type.</summary>
    public NpyType Type => _header.Type;

    /// <summary>Product of the axes.</summary>
    public long Count => _header.Count;

    /// <summary>Opens a file and checks its header against its length.</summary>
    /// <exception cref="InputException">Not there, not a .npy file, damaged, truncated, or of a kind that is not read.</exception>
    public static NpyFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileIdentity.RequireFile(path, "a .npy file");
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path} is not there; expected a .npy file.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                Directory.Exists(path)
                    ? $"{path} is a folder; expected a .npy file." : $"{path} cannot be read: {exception.Message}", exception);
        }

        try
        {
            long length = RandomAccess.GetLength(handle);
            return new NpyFile(path, handle, NpyHeader.Parse(path, length, (position, buffer) => Fill(handle, buffer, position)));
        }
        catch (Exception exception)
        {
            handle.Dispose();
            if (exception is IOException or NotSupportedException)
            {
                throw new InputException($"{path} cannot be read: {exception.Message}", exception);
            }

            throw;
        }
    }

    /// <summary>Reads numbers as float32, from number <paramref name="start"/> on.</summary>
    /// <exception cref="InputException">The file was cut off since it was opened, or a finite float64 does not fit float32.</exception>
    public void ReadSingles(long start, Span<float> numbers)
    {
        if (Type != NpyType.Float32)
        {
            Read(start, numbers);
            return;
        }

        // A span of bytes ends at 2 GiB, one of numbers does not.
        RequireInside(start, numbers.Length);
        for (int done = 0; done < numbers.Length; done += PartSingles)
        {
            Span<float> part = numbers.Slice(done, Math.Min(PartSingles, numbers.Length - done));
            ReadBytes(start + done, MemoryMarshal.AsBytes(part));
        }
    }

    /// <summary>Reads numbers as float64.</summary>
    /// <inheritdoc cref="ReadSingles"/>
    public void ReadDoubles(long start, Span<double> numbers) => Read(start, numbers);

    /// <summary>Reads whole numbers; floats are taken where they have no fraction.</summary>
    /// <exception cref="InputException">A number has a fraction or does not fit, or the file was cut off since it was opened.</exception>
    public void ReadInts(long start, Span<long> numbers) => Read(start, numbers);

    /// <inheritdoc cref="ReadInts(long, Span{long})"/>
    public void ReadInts(long start, Span<int> numbers) => Read(start, numbers);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static int Fill(SafeFileHandle handle, Span<byte> buffer, long position)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int read = RandomAccess.Read(handle, buffer[done..], position + done);
            if (read == 0)
            {
                break;
            }

            done += read;
        }

        return done;
    }

    private void Read<T>(long start, Span<T> numbers)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        RequireInside(start, numbers.Length);
        int size = NpyHeader.SizeOf(Type);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(PartBytes);
        try
        {
            for (int done = 0; done < numbers.Length;)
            {
                int count = Math.Min(PartBytes / size, numbers.Length - done);
                Span<byte> part = bytes.AsSpan(0, count * size);
                ReadBytes(start + done, part);
                Convert(part, numbers.Slice(done, count), start + done);
                done += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void ReadBytes(long start, Span<byte> bytes)
    {
        if (Fill(_handle, bytes, _header.Start + start * NpyHeader.SizeOf(Type)) != bytes.Length)
        {
            throw new InputException(
                $"{Path} was cut off while it was read; its {Count} numbers were there when it was opened. Save it again.");
        }
    }

    private void RequireInside(long start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        if (start > Count - count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), start, $"{Path} has {Count} numbers; {count} from {start} on were asked for.");
        }
    }

    private void Convert<T>(ReadOnlySpan<byte> bytes, Span<T> numbers, long start)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        switch (Type)
        {
            case NpyType.Bool or NpyType.UInt8:
                Each(bytes, numbers, start);
                break;
            case NpyType.Int8:
                Each(MemoryMarshal.Cast<byte, sbyte>(bytes), numbers, start);
                break;
            case NpyType.Int16:
                Each(MemoryMarshal.Cast<byte, short>(bytes), numbers, start);
                break;
            case NpyType.UInt16:
                Each(MemoryMarshal.Cast<byte, ushort>(bytes), numbers, start);
                break;
            case NpyType.Int32:
                Each(MemoryMarshal.Cast<byte, int>(bytes), numbers, start);
                break;
            case NpyType.UInt32:
                Each(MemoryMarshal.Cast<byte, uint>(bytes), numbers, start);
                break;
            case NpyType.Int64:
                Each(MemoryMarshal.Cast<byte, long>(bytes), numbers, start);
                break;
            case NpyType.UInt64:
                Each(MemoryMarshal.Cast<byte, ulong>(bytes), numbers, start);
                break;
            case NpyType.Float16:
                Each(MemoryMarshal.Cast<byte, Half>(bytes), numbers, start);
                break;
            case NpyType.Float32:
                Each(MemoryMarshal.Cast<byte, float>(bytes), numbers, start);
                break;
            default:
                Each(MemoryMarshal.Cast<byte, double>(bytes), numbers, start);
                break;
        }
    }

    private void Each<TFrom, T>(ReadOnlySpan<TFrom> from, Span<T> to, long start)
        where TFrom : unmanaged, INumber<TFrom>
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        bool toWhole = typeof(T) == typeof(long) || typeof(T) == typeof(int), narrows = typeof(T) == typeof(float)
            && typeof(TFrom) == typeof(double);
        for (int j = 0; j < to.Length; j++)
        {
            if (toWhole && !(TFrom.IsInteger(from[j]) && IsWithin<T>(Int128.CreateSaturating(from[j]))))
            {
                throw new InputException(FormattableString.Invariant(
                    $"{Path}: number {start + j} is {from[j]}; expected a whole number from {T.MinValue} to {T.MaxValue}."));
            }

            to[j] = T.CreateTruncating(from[j]);
            if (narrows && TFrom.IsFinite(from[j]) && !T.IsFinite(to[j]))
            {
                throw new InputException(FormattableString.Invariant(
                    $"{Path}: number {start + j} is {from[j]}, too large for float32, which ends at {float.MaxValue}."));
            }
        }
    }

    private static bool IsWithin<T>(Int128 whole)
        where T : INumber<T>, IMinMaxValue<T> =>
        whole >= Int128.CreateChecked(T.MinValue) && whole <= Int128.CreateChecked(T.MaxValue);
}
