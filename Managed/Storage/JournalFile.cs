using System.Text;
using System.Text.Json;
using FisherKernels.Learning;

namespace FisherKernels.Storage;

/// <summary>JSON Lines that only grow; a line that was appended survives whatever happens to the process.</summary>
/// <remarks>One at a time: a journal that is open is not opened again, here or in another process.</remarks>
public sealed class JournalFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly List<string> _lines;
    private bool _isBroken;

    private JournalFile(string path, FileStream stream, List<string> lines, bool wasTorn) =>
        (_path, _stream, _lines, WasTorn) = (path, stream, lines, wasTorn);

    /// <summary>The lines, each a JSON object.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Whether a last line, cut off while it was written, was found and removed.</summary>
    public bool WasTorn { get; }

    /// <summary>Opens a journal, which is made where it is not there. A torn last line was never acknowledged and is removed.</summary>
    /// <exception cref="InputException">A line before the last is no JSON object, or there is no such folder.</exception>
    /// <exception cref="IOException">It cannot be opened; the message names it.</exception>
    public static JournalFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileIdentity.RequireFile(path, "a journal");
        bool isNew = !File.Exists(path);
        FileStream stream;
        try
        {
            // Without a buffer of its own: after a failed write nothing is left in one to be written later.
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new InputException($"{path} cannot be opened: its folder is not there. Make it first.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} could not be opened: {exception.Message}", exception);
        }

        try
        {
            JournalFile journal = Read(path, stream);
            if (isNew)
            {
                Unix.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            }

            return journal;
        }
        catch (IOException exception)
        {
            stream.Dispose();
            throw new IOException($"{path} could not be opened: {exception.Message}", exception);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Appends a JSON object; it is on the disk when this returns.</summary>
    /// <exception cref="ArgumentException">Not one JSON object, or over several lines.</exception>
    /// <exception cref="IOException">The disk refuses, its name in the message; the journal is as it was, or nothing more can be
    /// appended to it.</exception>
    public void Append(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (_isBroken)
        {
            throw new IOException($"{_path} could not be written: an earlier failure to write it could not be undone. Open it again.");
        }

        byte[] line = Encoding.UTF8.GetBytes(json + "\n");
        if (json.Contains('\n', StringComparison.Ordinal) || !IsObject(line))
        {
            throw new ArgumentException("A line must be one JSON object without a line break.", nameof(json));
        }

        long start = _stream.Position;
        try
        {
            _stream.Write(line);
            Unix.Sync(_stream.SafeFileHandle);
        }
        catch (IOException exception)
        {
            Undo(start);
            throw new IOException($"{_path} could not be written: {exception.Message}", exception);
        }

        _lines.Add(json);
    }

    /// <inheritdoc/>
    /// <remarks>Every line was on the disk when it was acknowledged: closing can lose nothing.</remarks>
    public void Dispose() => _stream.Dispose();

    // What was not acknowledged goes. Where the disk refuses that as well, whatever of it is there is looked at when the journal is
    // opened again.
    private void Undo(long start)
    {
        try
        {
            _stream.SetLength(start);
            _stream.Position = start;
        }
        catch (IOException)
        {
            _isBroken = true;
        }
    }

    private static JournalFile Read(string path, FileStream stream)
    {
        if (stream.Length > Array.MaxLength)
        {
            throw new InputException($"{path} has {stream.Length} bytes; a journal has at most {Array.MaxLength}.");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var lines = new List<string>();
        int start = 0;
        while (start < bytes.Length && Array.IndexOf(bytes, (byte)'\n', start) is var end and >= 0)
        {
            // A line is taken only whole: the newline may reach the disk before what stands in front of it.
            if (!IsObject(bytes.AsMemory(start..end)))
            {
                if (end == bytes.Length - 1)
                {
                    break;
                }

                throw new InputException(
                    $"{path}: line {lines.Count + 1} is no JSON object, and others follow it. Mend the line or remove the file.");
            }

            lines.Add(Encoding.UTF8.GetString(bytes, start, end - start));
            start = end + 1;
        }

        bool torn = start < bytes.Length;
        if (torn)
        {
            stream.SetLength(start);
        }

        stream.Position = start;
        return new JournalFile(path, stream, lines, torn);
    }

    private static bool IsObject(ReadOnlyMemory<byte> line)
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
