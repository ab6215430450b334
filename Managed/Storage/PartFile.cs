using System.Security.Cryptography;
using System.Text;
using FisherKernels.Learning;
using Microsoft.Win32.SafeHandles;

namespace FisherKernels.Storage;

/// <summary>A file on its way: written under a name of its own beside the target, brought to the disk, then put in the target's
/// place.</summary>
/// <remarks>The name cannot be guessed and the file is made anew, never through a link: nobody else's file is opened or removed.</remarks>
internal sealed class PartFile
{
    // A file name has 255 bytes on most file systems, and the ending takes 22 of them.
    private const int MostNameBytes = 230;

    private PartFile(string path, string target, string temporary) => (Path, Target, Temporary) = (path, target, temporary);

    /// <summary>As it was named.</summary>
    public string Path { get; }

    /// <summary>Full, and behind a link where the path is one.</summary>
    public string Target { get; }

    /// <summary>Its name until it is placed.</summary>
    public string Temporary { get; }

    /// <summary>Names one; nothing is made yet.</summary>
    /// <exception cref="InputException">The folder is not there, or the target is there and no file.</exception>
    public static PartFile For(string path)
    {
        string target = TargetOf(path);
        return new PartFile(path, target, Beside(target));
    }

    /// <summary>A new name in the folder of a file, which ends in .part.</summary>
    public static string Beside(string file)
    {
        string name = System.IO.Path.GetFileName(file);
        while (Encoding.UTF8.GetByteCount(name) > MostNameBytes)
        {
            name = name[..(name.Length - (char.IsLowSurrogate(name[^1]) ? 2 : 1))];
        }

        string random = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        return System.IO.Path.Combine(System.IO.Path.GetDirectoryName(file)!, $"{name}.{random}.part");
    }

    /// <summary>Writes it, and brings it to the disk.</summary>
    /// <exception cref="IOException">The disk refuses; the message names the target. Nothing is left.</exception>
    public void Fill<T>(T content, Action<Stream, T> write)
        where T : allows ref struct
    {
        bool made = false;
        try
        {
            using SafeFileHandle handle = File.OpenHandle(Temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            made = true;
            using (var stream = new FileStream(handle, FileAccess.Write, 1 << 16))
            {
                write(stream, content);
                stream.Flush();
                Unix.Sync(handle);
                Unix.Close(handle);
            }
        }
        catch (Exception exception)
        {
            if (made)
            {
                Remove(Temporary);
            }

            if (exception is IOException or UnauthorizedAccessException)
            {
                throw Refused(exception);
            }

            throw;
        }
    }

    /// <summary>Puts it in the target's place; the folder has still to be brought to the disk.</summary>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public void Place()
    {
        try
        {
            File.Move(Temporary, Target, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(exception);
        }
    }

    /// <summary>Puts it there unless something is there already; whoever comes first wins.</summary>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public bool TryPlaceNew()
    {
        // File.Move looks first and renames then: of two at once the second would replace the first's. A link is made or not.
        if (Unix.TryLink(Temporary, Target))
        {
            Remove(Temporary);
            return true;
        }

        try
        {
            File.Move(Temporary, Target, overwrite: false);
            return true;
        }
        catch (IOException) when (System.IO.Path.Exists(Target))
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(exception);
        }
    }

    /// <summary>Brings its name to the disk.</summary>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public void SyncFolder()
    {
        try
        {
            Unix.SyncFolder(System.IO.Path.GetDirectoryName(Target)!);
        }
        catch (IOException exception)
        {
            throw Refused(exception);
        }
    }

    /// <summary>Removes a file if it is there.</summary>
    public static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What made the write fail, and is reported, also keeps its remains from being removed: a folder or disk that is gone.
        }
    }

    private IOException Refused(Exception exception) => new($"{Path} could not be written: {exception.Message}", exception);

    private static string TargetOf(string path)
    {
        string full = System.IO.Path.GetFullPath(path);

        // A rename over /dev/null would put a file in its place, for everybody.
        if (System.IO.Path.GetDirectoryName(full) == "/dev")
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

        switch (FileIdentity.From(full)?.Kind)
        {
            case FileKind.Folder:
                throw new InputException($"{path} cannot be written: it is a folder. Name a file.");
            case FileKind.Other:
                throw new InputException($"{path} cannot be written: it is a pipe or a device. Name a file.");
        }

        string? folder = System.IO.Path.GetDirectoryName(full);
        return Directory.Exists(folder)
            ? full
            : throw new InputException($"{path} cannot be written: there is no folder {folder}. Make it first.");
    }
}
