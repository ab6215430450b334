namespace FisherKernels.Learning.Files;

/// <summary>Files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Writes beside the target, brings it to the disk, and puts it in the target's place.</summary>
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

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    /// <param name="path">The target; its folder must be there.</param>
    /// <param name="content">Handed to <paramref name="write"/>; may be a span.</param>
    /// <param name="write">Writes the content.</param>
    internal static void Write<T>(string path, T content, Action<Stream, T> write)
        where T : allows ref struct
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Target(path), temporary = $"{full}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream, content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception exception)
        {
            Remove(temporary);
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"{path} could not be written: {exception.Message}", exception);
            }

            throw;
        }
    }

    private static string Target(string path)
    {
        string full = Path.GetFullPath(path);

        // A rename over /dev/null would put a file in its place, for everybody.
        if (Path.GetDirectoryName(full) == "/dev")
        {
            throw new InputException($"{path} cannot be written: it is a device. Name a file.");
        }

        try
        {
            var file = new FileInfo(full);
            full = file.LinkTarget is null ? full : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        }
        catch (IOException exception)
        {
            throw new IOException($"{path} could not be written: {exception.Message}", exception);
        }

        if (Directory.Exists(full))
        {
            throw new InputException($"{path} cannot be written: it is a folder. Name a file.");
        }

        string folder = Path.GetDirectoryName(full)!;
        return Directory.Exists(folder)
            ? full
            : throw new InputException($"{path} cannot be written: there is no folder {folder}. Make it first.");
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What made the write fail, and is reported, also keeps its remains from being removed: a folder or disk that is gone.
        }
    }
}
