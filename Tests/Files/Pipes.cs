using System.Runtime.InteropServices;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>Named pipes, which look like files and would be waited for without end.</summary>
internal static partial class Pipes
{
    /// <summary>Makes one; where the system has none the test is skipped.</summary>
    public static void Make(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Pipes are told from files on Linux only.");
        }

        Assert.That(MakeFifo(path, 0x180), Is.Zero);
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
