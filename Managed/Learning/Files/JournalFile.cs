using System.Text;
using System.Text.Json;

namespace FisherKernels.Learning.Files;

/// <summary>JSON Lines that only grow; a line that was appended survives whatever happens to the process.</summary>
public sealed class JournalFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly List<string> _lines;

    private JournalFile(FileStream stream, List<string> lines, bool wasTorn) => (_stream, _lines, WasTorn) = (stream, lines, wasTorn);

    /// <summary>The lines, each a JSON object.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Whether a last line, cut off while it was written, was found and removed.</summary>
    public bool WasTorn { get; }

    /// <summary>Opens a journal, which is made where it is not there. A torn last line was never acknowledged and is removed.</summary>
    /// <exception cref="InputException">A line before the last is no JSON object.</exception>
    public static JournalFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var lines = new List<string>();
            int start = 0;
            while (start < bytes.Length && Array.IndexOf(bytes, (byte)'\n', start) is var end and >= 0)
            {
                lines.Add(Encoding.UTF8.GetString(bytes, start, end - start));
                start = end + 1;
                if (!IsObject(lines[^1]))
                {
                    throw new InputException($"{path}: line {lines.Count} is no JSON object. Mend or remove the file.");
                }
            }

            stream.SetLength(start);
            stream.Position = start;
            return new JournalFile(stream, lines, start < bytes.Length);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Appends a JSON object; it is on the disk when this returns.</summary>
    public void Append(string json)
    {
        if (!IsObject(json) || json.Contains('\n', StringComparison.Ordinal))
        {
            throw new ArgumentException("A line must be one JSON object without a line break.", nameof(json));
        }

        long start = _stream.Position;
        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(json + "\n"));
            _stream.Flush(flushToDisk: true);
        }
        catch (IOException exception)
        {
            _stream.SetLength(start);
            throw new IOException($"{_stream.Name} could not be written: {exception.Message}", exception);
        }

        _lines.Add(json);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static bool IsObject(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
