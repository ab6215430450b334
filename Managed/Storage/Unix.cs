using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FisherKernels.Storage;

/// <summary>Calls of the C library whose errors the framework swallows or that it does not have; on Windows the framework's own,
/// which report theirs.</summary>
/// <remarks>
/// FileStream.Flush(true) and RandomAccess.FlushToDisk return although fsync failed: on a full thin volume, or a disk that is gone, what
/// they promised to be on the disk is not. Closing a handle hides its error as well, and network file systems report lost writes there.
/// </remarks>
internal static partial class Unix
{
    private const int Interrupted = 4, NoAccess = 13, Invalid = 22;

    /// <summary>Brings what was written to the disk.</summary>
    /// <exception cref="IOException">It is not there; in the disk's words.</exception>
    public static void Sync(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        while (FSync(file) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw Error();
            }
        }
    }

    /// <summary>Brings the names in a folder to the disk: a file that was renamed is there under its new name even if the power
    /// fails now.</summary>
    /// <exception cref="IOException">They are not there.</exception>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(folder, 0);
        if (descriptor < 0)
        {
            // A folder that may be written and not be read: nobody can ask for more there.
            if (Marshal.GetLastPInvokeError() != NoAccess)
            {
                throw Error();
            }

            return;
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        while (FSync(handle) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == Invalid)
            {
                // Some network and FUSE file systems have no such call for folders, and keep names at once.
                return;
            }

            if (error != Interrupted)
            {
                throw Error();
            }
        }
    }

    /// <summary>Closes a file that nobody uses any more.</summary>
    /// <exception cref="IOException">Something that was written is lost.</exception>
    public static void Close(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            file.Dispose();
            return;
        }

        int descriptor = (int)file.DangerousGetHandle();
        file.SetHandleAsInvalid();
        if (CloseDescriptor(descriptor) != 0 && Marshal.GetLastPInvokeError() != Interrupted)
        {
            throw Error();
        }
    }

    /// <summary>Gives a file a second name; false where the file system cannot.</summary>
    public static bool TryLink(string existing, string second) => !OperatingSystem.IsWindows() && Link(existing, second) == 0;

    private static IOException Error() => new(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string second);
}
