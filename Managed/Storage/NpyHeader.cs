using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using FisherKernels.Learning;

namespace FisherKernels.Storage;

/// <summary>What a .npy file says of itself (NEP 1 and its versions 2 and 3), checked before anything is believed.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Axes.</param>
/// <param name="Count">Product of the axes.</param>
/// <param name="Start">Where the numbers start, in bytes.</param>
internal sealed record NpyHeader(NpyType Type, long[] Shape, long Count, long Start)
{
    private const int MaxLength = 1 << 16;

    // So that the end of the numbers, in bytes, is still a long.
    private const long MaxCount = long.MaxValue / 16;

    private static readonly byte[] Mark = [0x93, .. "NUMPY"u8];

    private static readonly FrozenDictionary<string, NpyType> Types = new Dictionary<string, NpyType>
    {
        ["b1"] = NpyType.Bool,
        ["i1"] = NpyType.Int8,
        ["u1"] = NpyType.UInt8,
        ["i2"] = NpyType.Int16,
        ["u2"] = NpyType.UInt16,
        ["i4"] = NpyType.Int32,
        ["u4"] = NpyType.UInt32,
        ["i8"] = NpyType.Int64,
        ["u8"] = NpyType.UInt64,
        ["f2"] = NpyType.Float16,
        ["f4"] = NpyType.Float32,
        ["f8"] = NpyType.Float64,
    }.ToFrozenDictionary();

    public static int SizeOf(NpyType type) => type switch
    {
        NpyType.Bool or NpyType.Int8 or NpyType.UInt8 => 1,
        NpyType.Int16 or NpyType.UInt16 or NpyType.Float16 => 2,
        NpyType.Int32 or NpyType.UInt32 or NpyType.Float32 => 4,
        _ => 8,
    };

    /// <param name="path">For messages.</param>
    /// <param name="length">Of the file, in bytes.</param>
    /// <param name="read">Fills a buffer from a position; returns how many bytes there were.</param>
    public static NpyHeader Parse(string path, long length, Func<long, byte[], int> read)
    {
        var start = new byte[12];
        int there = read(0, start);
        if (there < 10 || !start.AsSpan(0, 6).SequenceEqual(Mark))
        {
            throw new InputException(there == 0
                ? $"{path} is empty; expected a .npy file."
                : $"{path} is not a .npy file: it does not start with the NumPy mark. Write it with numpy.save.");
        }

        int version = start[6], lengthBytes = version == 1 ? 2 : 4;
        if (version is < 1 or > 3 || start[7] != 0)
        {
            throw new InputException($"{path} has .npy format version {start[6]}.{start[7]}; versions 1.0, 2.0 and 3.0 can be read.");
        }

        long headerLength = version == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8))
            : there < 12 ? long.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8));
        long dataStart = 8 + lengthBytes + headerLength;
        if (headerLength > MaxLength || dataStart > length)
        {
            throw new InputException(
                $"{path} is damaged or truncated: its header claims {(headerLength == long.MaxValue ? "more" : headerLength)} bytes, of "
                + $"at most {MaxLength}; the file has {length}. Save it again with numpy.save.");
        }

        var header = new byte[headerLength];
        if (read(8 + lengthBytes, header) != header.Length)
        {
            throw new InputException($"{path} is truncated within its header of {headerLength} bytes. Save it again with numpy.save.");
        }

        (string descr, bool fortran, long[] shape) = new Literal(path, (version == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(header))
            .Read();
        NpyType type = TypeOf(path, descr);
        long count = CountOf(path, shape);
        if (fortran && shape.Count(axis => axis > 1) > 1)
        {
            throw new InputException($"{path} is in Fortran order (column by column), expected C order; save it with numpy.save(path, "
                + "numpy.ascontiguousarray(x)).");
        }

        long expected = dataStart + count * SizeOf(type);
        if (length != expected)
        {
            throw new InputException(
                $"{path} is {(length < expected ? "truncated" : "longer than its header says")}: shape ({string.Join(", ", shape)}) of "
                    + $"{type} needs {expected} bytes, the file has {length}. Save it again with numpy.save.");
        }

        return new NpyHeader(type, shape, count, dataStart);
    }

    private static long CountOf(string path, long[] shape)
    {
        long count = 1;
        foreach (long axis in shape)
        {
            if (axis != 0 && count > MaxCount / axis)
            {
                throw new InputException($"{path} is damaged: its shape ({string.Join(", ", shape)}) has more numbers than any file.");
            }

            count *= axis;
        }

        return count;
    }

    private static NpyType TypeOf(string path, string descr)
    {
        if (descr.Contains('O', StringComparison.Ordinal))
        {
            throw new InputException(
                $"{path} holds Python objects (dtype {descr}), which are not read; save numbers, with astype('float32').");
        }

        if (descr.Length == 3 && Types.TryGetValue(descr[1..], out NpyType type))
        {
            bool oneByte = SizeOf(type) == 1;
            if (descr[0] == '<' || descr[0] == '|' && oneByte || descr[0] == '=' && BitConverter.IsLittleEndian)
            {
                return type;
            }

            if (descr[0] == '>')
            {
                return oneByte
                    ? type
                    : throw new InputException($"{path} is big-endian (dtype {descr}); save it with astype('<{descr[1..]}').");
            }
        }

        throw new InputException(
            $"{path} has dtype '{descr}'; expected float16, float32, float64, an integer or bool, little-endian.");
    }

    /// <summary>The header's Python literal: a dictionary of exactly descr, fortran_order and shape.</summary>
    private sealed class Literal(string path, string text)
    {
        private int _at;

        public (string Descr, bool Fortran, long[] Shape) Read()
        {
            string? descr = null;
            bool? fortran = null;
            long[]? shape = null;
            Expect('{');
            while (!Takes('}'))
            {
                string key = Quoted();
                Expect(':');
                switch (key)
                {
                    case "descr" when descr is null:
                        descr = Quoted();
                        break;
                    case "fortran_order" when fortran is null:
                        fortran = Boolean();
                        break;
                    case "shape" when shape is null:
                        shape = Tuple();
                        break;
                    default:
                        throw Damaged($"key '{key}' is unknown or occurs twice");
                }

                if (!Takes(','))
                {
                    Expect('}');
                    break;
                }
            }

            Skip();
            return _at == text.Length && descr is not null && fortran is not null && shape is not null
                ? (descr, fortran.Value, shape)
                : throw Damaged("it must have descr, fortran_order and shape and nothing else");
        }

        private string Quoted()
        {
            Skip();
            char quote = _at < text.Length ? text[_at] : ' ';
            if (quote == '[')
            {
                throw new InputException($"{path} holds structured records, which are not read; save one plain array.");
            }

            int end = quote is '\'' or '"' ? text.IndexOf(quote, _at + 1) : -1;
            if (end < 0)
            {
                throw Damaged($"a quoted word was expected at {_at}");
            }

            string word = text[(_at + 1)..end];
            _at = end + 1;
            return word;
        }

        private bool Boolean()
        {
            Skip();
            foreach ((string word, bool value) in ((string, bool)[])[("True", true), ("False", false)])
            {
                if (string.CompareOrdinal(text, _at, word, 0, word.Length) == 0)
                {
                    _at += word.Length;
                    return value;
                }
            }

            throw Damaged($"True or False was expected at {_at}");
        }

        private long[] Tuple()
        {
            var axes = new List<long>();
            Expect('(');
            while (!Takes(')'))
            {
                Skip();
                int start = _at;
                while (_at < text.Length && char.IsAsciiDigit(text[_at]))
                {
                    _at++;
                }

                if (axes.Count == 32
                    || !long.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out long axis))
                {
                    throw Damaged($"an axis of the shape was expected at {start}");
                }

                axes.Add(axis);
                if (!Takes(','))
                {
                    Expect(')');
                    break;
                }
            }

            return [.. axes];
        }

        private void Skip()
        {
            while (_at < text.Length && text[_at] is ' ' or '\n' or '\t' or '\r')
            {
                _at++;
            }
        }

        private bool Takes(char wanted)
        {
            Skip();
            bool found = _at < text.Length && text[_at] == wanted;
            _at += found ? 1 : 0;
            return found;
        }

        private void Expect(char wanted)
        {
            if (!Takes(wanted))
            {
                throw Damaged($"'{wanted}' was expected at {_at}");
            }
        }

        private InputException Damaged(string why) => new($"{path} is damaged: its header is no .npy dictionary ({why}).");
    }
}
