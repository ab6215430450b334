using System.Runtime.InteropServices;

namespace FisherKernels.Cli.Run;

/// <summary>Files that are made once, whole, by one of several who try.</summary>
internal static partial class NewFile
{
    /// <summary>Writes a file unless there is one.</summary>
    /// <returns>Whether it was written; false where something is there already, which stays as it is.</returns>
    public static bool TryWrite(string path, ReadOnlySpan<byte> content)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            // File.Move looks first and renames then: of two at once the second would replace the first's. A link is made or not.
            if (!OperatingSystem.IsWindows() && Link(temporary, path) == 0)
            {
                return true;
            }

            // Something is there, or this file system has no links.
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (Path.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);
}
