namespace FisherKernels.Learning.Files;

/// <summary>Files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Writes beside the target, brings it to the disk, and puts it in the target's place.</summary>
    /// <remarks>Whatever fails, the target is as it was and nothing is left beside it.</remarks>
    /// <param name="path">The target; its folder must be there.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="InputException">The folder is not there.</exception>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path), folder = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(folder))
        {
            throw new InputException($"{path} cannot be written: there is no folder {folder}. Make it first.");
        }

        if (Directory.Exists(full))
        {
            throw new InputException($"{path} cannot be written: it is a folder. Name a file.");
        }

        string temporary = $"{full}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception exception)
        {
            File.Delete(temporary);
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"{path} could not be written: {exception.Message}", exception);
            }

            throw;
        }
    }
}
