using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using FisherKernels.Learning;

namespace FisherKernels.Storage;

/// <summary>Named tensors and words about them, as in a .safetensors file: 8 bytes of header length, a JSON header, the numbers.</summary>
public sealed class SafetensorsFile
{
    private const int MaxHeader = 100_000_000, Alignment = 8;
    private const string MetadataKey = "__metadata__";

    private readonly string _path;
    private readonly byte[] _data;
    private readonly Dictionary<string, Entry> _entries;

    private SafetensorsFile(string path, byte[] data, Dictionary<string, Entry> entries, Dictionary<string, string> metadata) =>
        (_path, _data, _entries, Metadata) = (path, data, entries, metadata);

    /// <summary>Words about the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Names of the tensors.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Axes of a tensor.</summary>
    public IReadOnlyList<long> Shape(string name) => Find(name).Shape;

    /// <summary>A tensor as float32; float16, bfloat16 and float64 are converted.</summary>
    /// <exception cref="InputException">There is no such tensor, it is not of floats, or a finite float64 does not fit float32.</exception>
    public float[] Singles(string name)
    {
        Entry entry = Find(name);
        ReadOnlySpan<byte> bytes = _data.AsSpan(entry.Start, entry.Length);
        return entry.Type switch
        {
            "F32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            "F64" => [.. MemoryMarshal.Cast<byte, double>(bytes).ToArray().Select((number, j) => Narrow(name, number, j))],
            "F16" => [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(number => (float)number)],
            "BF16" => [.. MemoryMarshal.Cast<byte, ushort>(bytes).ToArray()
                .Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))],
            _ => throw new InputException($"{_path}: {name} is of type {entry.Type}; expected F32, F64, F16 or BF16."),
        };
    }

    /// <summary>A tensor of whole numbers, int32 or int64.</summary>
    /// <exception cref="InputException">There is no such tensor, or it is of another type.</exception>
    public long[] Integers(string name)
    {
        Entry entry = Find(name);
        ReadOnlySpan<byte> bytes = _data.AsSpan(entry.Start, entry.Length);
        return entry.Type switch
        {
            "I64" => MemoryMarshal.Cast<byte, long>(bytes).ToArray(),
            "I32" => [.. MemoryMarshal.Cast<byte, int>(bytes).ToArray().Select(number => (long)number)],
            _ => throw new InputException($"{_path}: {name} is of type {entry.Type}; expected I64 or I32."),
        };
    }

    /// <summary>Reads a file; everything its header says is checked against its length first.</summary>
    /// <exception cref="InputException">Not there, damaged or truncated.</exception>
    public static SafetensorsFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileIdentity.RequireFile(path, "a .safetensors file");
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(path, stream);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path} is not there; expected a .safetensors file.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InputException(
                Directory.Exists(path)
                    ? $"{path} is a folder; expected a .safetensors file." : $"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Writes float32 tensors, by name, as the Python library orders them; whatever was there stays until the new file is
    /// whole.</summary>
    /// <param name="path">The target.</param>
    /// <param name="tensors">Names, axes and numbers in C order.</param>
    /// <param name="metadata">Words about them.</param>
    /// <exception cref="ArgumentException">A shape that does not fit its numbers, or a name that occurs twice or is reserved.</exception>
    /// <exception cref="InputException">The folder is not there.</exception>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public static void Write(
        string path, IReadOnlyList<(string Name, long[] Shape, float[] Numbers)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(metadata);
        (string Name, long[] Shape, float[] Numbers)[] sorted = [.. tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];
        byte[] header = Header(sorted, metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach ((_, _, float[] numbers) in sorted)
            {
                stream.Write(MemoryMarshal.AsBytes<float>(numbers));
            }
        });
    }

    private static byte[] Header((string Name, long[] Shape, float[] Numbers)[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WritePropertyName(MetadataKey);
                JsonSerializer.Serialize(json, metadata);
            }

            long at = 0;
            for (int t = 0; t < tensors.Length; t++)
            {
                (string name, long[] shape, float[] numbers) = tensors[t];
                if (name == MetadataKey || (t > 0 && tensors[t - 1].Name == name))
                {
                    throw new ArgumentException(
                        $"A tensor's name must occur once and not be {MetadataKey}; there is {name}.", nameof(tensors));
                }

                if (shape.Any(axis => axis < 0) || shape.Aggregate(BigInteger.One, (product, axis) => product * axis) != numbers.Length)
                {
                    throw new ArgumentException(
                        $"{name} has {numbers.Length} numbers, its shape is {string.Join("×", shape)}.", nameof(tensors));
                }

                long end = at + (long)numbers.Length * sizeof(float);
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, new { dtype = "F32", shape, data_offsets = new[] { at, end } });
                at = end;
            }

            json.WriteEndObject();
        }

        int length = (int)((text.Length + Alignment - 1) / Alignment * Alignment);
        var header = new byte[8 + length];
        header.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        text.GetBuffer().AsSpan(0, (int)text.Length).CopyTo(header.AsSpan(8));
        return header;
    }

    private static SafetensorsFile Read(string path, FileStream stream)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.Length < 8)
        {
            throw new InputException($"{path} has {stream.Length} bytes; a .safetensors file starts with 8 bytes of header length.");
        }

        stream.ReadExactly(prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaxHeader || (long)headerLength + 8 > stream.Length)
        {
            throw new InputException(
                $"{path} is no .safetensors file, truncated or damaged: its header claims {headerLength} bytes, of at most {MaxHeader}; "
                    + $"the file has {stream.Length}.");
        }

        long dataLength = stream.Length - 8 - (long)headerLength;
        if (dataLength > Array.MaxLength)
        {
            throw new InputException($"{path} holds {dataLength} bytes; a reward model has at most {Array.MaxLength}.");
        }

        var header = new byte[headerLength];
        stream.ReadExactly(header);
        (Dictionary<string, Entry> entries, Dictionary<string, string> metadata) = Parse(path, header, dataLength);
        var data = new byte[dataLength];
        stream.ReadExactly(data);
        return new SafetensorsFile(path, data, entries, metadata);
    }

    private static (Dictionary<string, Entry> Entries, Dictionary<string, string> Metadata) Parse(
        string path, byte[] header, long dataLength)
    {
        var entries = new Dictionary<string, Entry>();
        var metadata = new Dictionary<string, string>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(header, new JsonDocumentOptions { AllowDuplicateProperties = false });
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataKey && property.Value.ValueKind == JsonValueKind.Null)
                {
                    continue;   // as some writers say that there is none
                }

                if (property.Name == MetadataKey)
                {
                    foreach (JsonProperty word in property.Value.EnumerateObject())
                    {
                        metadata[word.Name] = word.Value.GetString() ?? throw new InputException($"{path}: {MetadataKey} must hold text.");
                    }
                }
                else
                {
                    entries[property.Name] = EntryOf(path, property, dataLength);
                }
            }
        }
        catch (Exception exception) when (
            exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InputException($"{path} is damaged: its header is not that of a .safetensors file ({exception.Message}).", exception);
        }

        // The format demands that the tensors fill the data without holes or overlaps.
        long next = 0;
        foreach (Entry entry in entries.Values.OrderBy(entry => entry.Start).ThenBy(entry => entry.Length))
        {
            if (entry.Start != next)
            {
                throw new InputException($"{path} is damaged: its tensors overlap or leave holes at byte {next}.");
            }

            next += entry.Length;
        }

        return next == dataLength
            ? (entries, metadata)
            : throw new InputException($"{path} is truncated or damaged: its tensors take {next} bytes, {dataLength} are there.");
    }

    private static Entry EntryOf(string path, JsonProperty property, long dataLength)
    {
        string type = property.Value.GetProperty("dtype").GetString() ?? "";
        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(axis => axis.GetInt64())];
        long[] offsets = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
        int size = type switch
        {
            "F64" or "I64" or "U64" => 8,
            "F32" or "I32" or "U32" => 4,
            "F16" or "BF16" or "I16" or "U16" => 2,
            "BOOL" or "I8" or "U8" or "F8_E4M3" or "F8_E5M2" => 1,
            _ => throw new InputException($"{path}: {property.Name} has the unknown type '{type}'."),
        };
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > dataLength)
        {
            throw new InputException(
                $"{path} is truncated or damaged: {property.Name} lies at [{string.Join(", ", offsets)}] of {dataLength} bytes.");
        }

        long bytes = size;
        foreach (long axis in shape)
        {
            if (axis < 0 || (axis > 0 && bytes > long.MaxValue / axis))
            {
                throw new InputException($"{path} is damaged: {property.Name} has shape {string.Join("×", shape)}.");
            }

            bytes *= axis;
        }

        return bytes == offsets[1] - offsets[0]
            ? new Entry(type, shape, (int)offsets[0], (int)bytes)
            : throw new InputException(
                $"{path} is damaged: {property.Name} of {type}, {string.Join("×", shape)}, needs {bytes} bytes and has "
                    + $"{offsets[1] - offsets[0]}.");
    }

    private float Narrow(string name, double number, int j) => !double.IsFinite(number) || float.IsFinite((float)number)
        ? (float)number
        : throw new InputException(FormattableString.Invariant(
            $"{_path}: {name} has {number} at {j}, too large for float32, which ends at {float.MaxValue}."));

    private Entry Find(string name) => _entries.TryGetValue(name, out Entry? entry)
        ? entry
        : throw new InputException($"{_path} has no tensor {name}; it has {string.Join(", ", _entries.Keys)}.");

    private sealed record Entry(string Type, long[] Shape, int Start, int Length);
}
