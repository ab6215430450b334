using System.Buffers.Binary;
using System.IO.Compression;
using SkiaSharp;

namespace FisherKernels.Bench.Experiments;

/// <summary>Pictures of few colours as PNG with a palette: thin lines on flat bands take less than a third of what full colour
/// takes.</summary>
internal static class IndexedPng
{
    /// <summary>Writes a picture in the nearest colours of a palette.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="picture">Opaque.</param>
    /// <param name="palette">At most 256 colours.</param>
    public static void Write(Stream stream, SKBitmap picture, IReadOnlyList<SKColor> palette)
    {
        if (palette.Count is 0 or > 256)
        {
            throw new ArgumentException($"palette has {palette.Count} colours, expected 1 to 256.", nameof(palette));
        }

        stream.Write([0x89, .. "PNG\r\n\x1a\n"u8]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        (header[8], header[9]) = (8, 3); // eight bits, palette
        Chunk(stream, "IHDR"u8, header);
        Chunk(stream, "PLTE"u8, [.. palette.SelectMany(color => (byte[])[color.Red, color.Green, color.Blue])]);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zlib.Write(Rows(picture, palette));
        }

        Chunk(stream, "IDAT"u8, packed.ToArray());
        Chunk(stream, "IEND"u8, []);
    }

    // Each row starts with its filter, 0: numbers of colours gain nothing from differences.
    private static byte[] Rows(SKBitmap picture, IReadOnlyList<SKColor> palette)
    {
        var nearest = new Dictionary<SKColor, byte>();
        var rows = new byte[picture.Height * (picture.Width + 1)];
        SKColor[] pixels = picture.Pixels;
        for (int j = 0; j < pixels.Length; j++)
        {
            if (!nearest.TryGetValue(pixels[j], out byte number))
            {
                SKColor color = pixels[j];
                number = (byte)Enumerable.Range(0, palette.Count).MinBy(k => Distance(palette[k], color));
                nearest[color] = number;
            }

            rows[j / picture.Width * (picture.Width + 1) + 1 + j % picture.Width] = number;
        }

        return rows;
    }

    private static int Distance(SKColor a, SKColor b)
    {
        int red = a.Red - b.Red, green = a.Green - b.Green, blue = a.Blue - b.Blue;
        return red * red + green * green + blue * blue;
    }

    private static void Chunk(Stream stream, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        byte[] body = [.. name, .. content];
        stream.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Check(body));
        stream.Write(number);
    }

    // CRC-32 as the PNG specification has it (ISO 3309), bit by bit: a picture is small.
    private static uint Check(ReadOnlySpan<byte> bytes)
    {
        uint check = uint.MaxValue;
        foreach (byte one in bytes)
        {
            check ^= one;
            for (int bit = 0; bit < 8; bit++)
            {
                check = (check >> 1) ^ ((check & 1) == 0 ? 0 : 0xEDB88320);
            }
        }

        return ~check;
    }
}
