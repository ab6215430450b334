using System.Diagnostics;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>What a machine may allow: the program says which limit it met.</summary>
public class LimitTests
{
    [TestCase(32)]
    [TestCase(48)]
    [TestCase(64)]
    public void Too_few_open_files_are_a_sentence(int files)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("The shell's ulimit is asked on Linux only.");
        }

        string program = Path.Combine(AppContext.BaseDirectory, "FisherKernels.Cli.dll");
        // What the tests were started with may be open here too, and counts.
        string none = "for f in /proc/$$/fd/*; do f=${f##*/}; [ \"$f\" -le 2 ] || eval \"exec $f>&-\"; done";
        var start = new ProcessStartInfo("bash", ["-c", $"{none}; ulimit -n {files}; exec \"$0\" \"$1\" devices", Dotnet(), program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.That(error.Result,
            Is.EqualTo($"fisher: a process may have {files} files open here; expected 100 or more. Raise the limit (ulimit -n).\n"));
        Assert.That(output, Is.Empty);
        Assert.That(process.ExitCode, Is.EqualTo(1));
    }

    // Tests run by dotnet or by a program of their own.
    private static string Dotnet() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
}
