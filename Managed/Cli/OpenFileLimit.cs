using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FisherKernels.Cli;

/// <summary>How many files a process may have open: with too few the program's own parts cannot be loaded, and what then fails
/// names anything but the reason.</summary>
internal static partial class OpenFileLimit
{
    /// <summary>Enough for the runtime, the program and a command.</summary>
    public const ulong Least = 100;

    private const int Linux = 7, MacOS = 8;

    /// <summary>A sentence where there are fewer, else null.</summary>
    public static string? Problem()
    {
        if (!(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
            || Limits(OperatingSystem.IsLinux() ? Linux : MacOS, out Limit limit) != 0)
        {
            return null;
        }

        return limit.Now < Least
            ? $"a process may have {limit.Now} files open here; expected {Least} or more. Raise the limit (ulimit -n)."
            : null;
    }

    /// <summary>Writes to standard error by nothing that has to be opened first.</summary>
    public static void Say(string sentence)
    {
        using var handle = new SafeFileHandle(2, ownsHandle: false);
        using var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
        stream.Write(Encoding.UTF8.GetBytes(sentence));
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int Limits(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Limit
    {
        public readonly nuint Now;
        public readonly nuint Most;
    }
}
