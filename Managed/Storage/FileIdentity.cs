using System.Runtime.InteropServices;
using FisherKernels.Learning;

namespace FisherKernels.Storage;

/// <summary>What stands under a path, whatever way leads to it: two paths of one file, by links, by case or by mounts, have one
/// identity.</summary>
/// <param name="Kind">File, folder or something else.</param>
/// <param name="Device">Volume on Linux, else 0.</param>
/// <param name="Number">The file's number on its volume on Linux, else 0.</param>
/// <param name="Path">The path with all links resolved where there are no such numbers, else empty.</param>
internal readonly partial record struct FileIdentity(FileKind Kind, ulong Device, ulong Number, string Path)
{
    private const int Here = -100, BasicStats = 0x7FF, ModeAt = 28, NumberAt = 32, MajorAt = 136, MinorAt = 140, Size = 256;
    private const int TypeOfMode = 0xF000, Folder = 0x4000, RegularFile = 0x8000;

    /// <summary>The identity of what a path names, links followed; null where nothing is there.</summary>
    public static FileIdentity? From(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        if (OperatingSystem.IsLinux())
        {
            Span<byte> found = stackalloc byte[Size];
            if (Stat(Here, full, 0, BasicStats, found) == 0)
            {
                ushort mode = MemoryMarshal.Read<ushort>(found[ModeAt..]);
                FileKind kind = (mode & TypeOfMode) switch { RegularFile => FileKind.File, Folder => FileKind.Folder, _ => FileKind.Other };
                uint major = MemoryMarshal.Read<uint>(found[MajorAt..]), minor = MemoryMarshal.Read<uint>(found[MinorAt..]);
                return new FileIdentity(kind, ((ulong)major << 32) | minor, MemoryMarshal.Read<ulong>(found[NumberAt..]), "");
            }

            return null;
        }

        if (!System.IO.Path.Exists(full))
        {
            return null;
        }

        string real = Resolved(full);
        return new FileIdentity(
            Directory.Exists(real) ? FileKind.Folder : FileKind.File, 0, 0, OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
                ? real.ToUpperInvariant() : real);
    }

    /// <summary>Refuses what is no file to be read: a pipe without a writer would be waited for, without end.</summary>
    /// <exception cref="InputException">It is a pipe, a device or the like.</exception>
    public static void RequireFile(string path, string expected)
    {
        if (From(path) is { Kind: FileKind.Other })
        {
            throw new InputException($"{path} is no file but a pipe or a device; expected {expected}. Write it to a file first.");
        }
    }

    /// <summary>A full path without links: of the path itself, and of every folder on the way.</summary>
    public static string Resolved(string path)
    {
        string full = System.IO.Path.GetFullPath(path), root = System.IO.Path.GetPathRoot(full)!, resolved = root;
        foreach (string part in full[root.Length..].Split(System.IO.Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = System.IO.Path.Combine(resolved, part);
            resolved = new FileInfo(next) is { LinkTarget: not null } link
                ? Resolved(link.ResolveLinkTarget(returnFinalTarget: true)!.FullName) : next;
        }

        return resolved;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int folder, string path, int flags, uint mask, Span<byte> found);
}

/// <summary>What a path leads to.</summary>
internal enum FileKind
{
    /// <summary>A file with bytes.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A pipe, a socket, a device.</summary>
    Other,
}
