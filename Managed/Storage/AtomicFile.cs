using FisherKernels.Learning;

namespace FisherKernels.Storage;

/// <summary>Files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Writes beside the target, brings it to the disk, and puts it in the target's place; when this returns it survives a
    /// loss of power.</summary>
    /// <remarks>Whatever fails, the target is as it was and nothing is left beside it. A link is followed, not replaced.</remarks>
    /// <param name="path">The target; its folder must be there.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="InputException">The folder is not there, or the target is no file.</exception>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Write(path, write, (stream, write) => write(stream));
    }

    /// <summary>Looks whether a file could be written now: its folder, the rights, the room. What is there stays as it is.</summary>
    /// <param name="path">The target.</param>
    /// <param name="bytes">What it will take, about.</param>
    /// <exception cref="InputException">The folder is not there, or the target is no file.</exception>
    /// <exception cref="IOException">The disk refuses, or has less room; the message names the target.</exception>
    public static void RequireWritable(string path, long bytes = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        PartFile part = PartFile.For(path);
        part.Fill(0, (_, _) => { });
        PartFile.Remove(part.Temporary);
        if (bytes > 0 && Room(part.Target) is { } room && room < bytes)
        {
            throw new IOException(
                $"{path} could not be written: it takes about {bytes} bytes, and the disk has room for {room}. Make room first.");
        }
    }

    /// <summary>Makes a folder where it is not there, and looks whether files could be written in it.</summary>
    /// <exception cref="InputException">It is there and no folder.</exception>
    /// <exception cref="IOException">The disk refuses; the message names it.</exception>
    public static void MakeFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (File.Exists(folder))
        {
            throw new InputException($"{folder} is a file; name a folder.");
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder {folder} could not be made: {exception.Message}", exception);
        }

        RequireWritable(Path.Combine(folder, "results"));
    }

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    /// <param name="path">The target; its folder must be there.</param>
    /// <param name="content">Handed to <paramref name="write"/>; may be a span.</param>
    /// <param name="write">Writes the content.</param>
    internal static void Write<T>(string path, T content, Action<Stream, T> write)
        where T : allows ref struct
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        PartFile part = PartFile.For(path);
        part.Fill(content, write);
        try
        {
            part.Place();
        }
        catch (IOException)
        {
            PartFile.Remove(part.Temporary);
            throw;
        }

        part.SyncFolder();
    }

    /// <summary>Writes a file unless it has the same bytes already: what is finished can be shown where nothing can be written.</summary>
    /// <param name="path">The target; its folder must be there.</param>
    /// <param name="content">All of it.</param>
    /// <exception cref="InputException">The folder is not there, or the target is no file.</exception>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public static void WriteIfChanged(string path, ReadOnlySpan<byte> content)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path) || new FileInfo(path).Length != content.Length || !content.SequenceEqual(File.ReadAllBytes(path)))
        {
            Write(path, content, (stream, content) => stream.Write(content));
        }
    }

    /// <summary>Whether two paths lead to one file or folder that is there, in whatever spelling and through whatever links.</summary>
    /// <param name="path">A path.</param>
    /// <param name="other">Another, or the same.</param>
    public static bool IsSame(string path, string other) => FileIdentity.From(path) is { } identity && FileIdentity.From(other) == identity;

    /// <summary>Writes a file unless one is there: of several that try at once exactly one gets true.</summary>
    /// <param name="path">The target; its folder must be there.</param>
    /// <param name="write">Writes the content.</param>
    /// <returns>Whether it was written; false where something is there already, which stays as it is.</returns>
    /// <exception cref="InputException">The folder is not there, or the target is no file.</exception>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public static bool TryCreate(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        PartFile part = PartFile.For(path);
        part.Fill(write, (stream, write) => write(stream));
        bool placed = false;
        try
        {
            placed = part.TryPlaceNew();
        }
        finally
        {
            if (!placed)
            {
                PartFile.Remove(part.Temporary);
            }
        }

        if (placed)
        {
            part.SyncFolder();
        }

        return placed;
    }

    /// <summary>Writes files that belong together, the first of which the others describe: all are new afterwards, or all as they
    /// were.</summary>
    /// <remarks>
    /// Each is on the disk before the first is placed. The old ones keep a second name until all are placed, and come back where a step
    /// fails. The old others go first: whoever kills the process at any moment finds files of one batch, some of them missing,
    /// never of two.
    /// </remarks>
    internal static void WriteTogether(params (string Path, Action<Stream> Write)[] files)
    {
        PartFile[] parts = [.. files.Select(file => PartFile.For(file.Path))];
        bool[] existed = [.. parts.Select(part => File.Exists(part.Target))];
        var kept = new string?[parts.Length];
        int placed = 0;
        try
        {
            for (int j = 0; j < parts.Length; j++)
            {
                parts[j].Fill(files[j].Write, (stream, write) => write(stream));
            }

            for (int j = 0; j < parts.Length; j++)
            {
                string second = PartFile.Beside(parts[j].Target);
                kept[j] = existed[j] && Unix.TryLink(parts[j].Target, second) ? second : null;
            }

            foreach (PartFile other in parts.Skip(1))
            {
                Delete(other);
            }

            for (; placed < parts.Length; placed++)
            {
                parts[placed].Place();
            }
        }
        catch
        {
            Restore(parts, existed, kept, placed);
            throw;
        }

        foreach (string second in kept.OfType<string>())
        {
            PartFile.Remove(second);
        }

        foreach (PartFile part in parts.DistinctBy(part => Path.GetDirectoryName(part.Target)))
        {
            part.SyncFolder();
        }
    }

    private static void Restore(PartFile[] parts, bool[] existed, string?[] kept, int placed)
    {
        for (int j = 0; j < parts.Length; j++)
        {
            PartFile.Remove(parts[j].Temporary);
            if (kept[j] is { } second)
            {
                try
                {
                    // A rename between two names of one file does nothing, and leaves both.
                    File.Move(second, parts[j].Target, overwrite: true);
                    PartFile.Remove(second);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // The disk that refused the new file refuses this as well; the old content stays under the second name.
                }
            }
            else if (j < placed && !existed[j])
            {
                PartFile.Remove(parts[j].Target);
            }
        }
    }

    private static void Delete(PartFile part)
    {
        try
        {
            File.Delete(part.Target);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{part.Path} could not be written: {exception.Message}", exception);
        }
    }

    private static long? Room(string target)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(target)!).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // A file system that does not say: the write itself will.
            return null;
        }
    }
}
