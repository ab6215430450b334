using System.Diagnostics;
using System.Text.Json;
using FisherKernels.Bench;
using FisherKernels.Bench.Report;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>Bench/Bundle/device, with stand-ins for both programs: what it runs in which order, what it leaves, and how it ends.</summary>
public class DeviceScript
{
    private string _folder = "";

    private string Out => Path.Combine(_folder, "out");

    [SetUp]
    public void Copy()
    {
        if (OperatingSystem.IsWindows() || !File.Exists("/bin/bash") || !File.Exists("/usr/bin/python3"))
        {
            Assert.Ignore("No /bin/bash and /usr/bin/python3 here.");
        }

        _folder = Directory.CreateTempSubdirectory("fisher-device-").FullName;
        Directory.CreateDirectory(Path.Combine(_folder, "artifacts", "cuda", "ptx"));
        File.Copy(Path.Combine(Repository.Root, "Bench", "Bundle", "device"), Path.Combine(_folder, "artifacts", "cuda", "device"));
        File.WriteAllText(Path.Combine(_folder, "artifacts", "cuda", "kernels.py"), "import sys\nopen(sys.argv[2], 'w').write('{}')\n");
    }

    [TearDown]
    public void Clean()
    {
        if (_folder.Length > 0)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Test]
    public void Figures_come_before_tests_and_all_that_is_left_comes_back()
    {
        Assert.That(Run(), Is.Zero);
        Assert.That(Begun(), Is.EqualTo(["open", "report", "tests", "kernels"]));
        Assert.That(
            Directory.GetFiles(Out).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal),
            Is.EqualTo(["card.json", "card.md", "kernels.json", "log.txt", "machine.txt"]));
    }

    [Test]
    public void Where_CUDA_does_not_open_it_says_what_the_driver_says_and_still_times_kernels()
    {
        Assert.That(Run(open: 2, openPortable: 2), Is.EqualTo(1));
        Assert.That(Begun(), Is.EqualTo(["open", "open_portable", "driver", "kernels"]));
        Assert.That(Log(),
            Does.Contain("CUDA did not open").And.Contain("devices: Cuda: none, because").And.Contain("FAILED: open open_portable"));
        Assert.That(File.Exists(Path.Combine(Out, "kernels.json")));
    }

    [Test]
    public void Where_only_the_portable_kernels_work_they_are_measured_and_it_still_fails()
    {
        Assert.That(Run(open: 2, openPortable: 0), Is.EqualTo(1));
        Assert.That(Begun(), Is.EqualTo(["open", "open_portable", "report", "tests", "kernels"]));
        Assert.That(Log(), Does.EndWith("FAILED: open\n"));
    }

    [Test]
    public void A_report_that_breaks_off_is_made_again_with_the_portable_kernels()
    {
        Assert.That(Run(report: 1, number: JsonSerializer.Serialize(BrokenOff, JsonText.Indented)), Is.EqualTo(1));
        Assert.That(Begun(), Is.EqualTo(["open", "report", "report_portable", "tests", "kernels"]));
        Assert.That(Log(), Does.EndWith("FAILED: report report_broken_off report_portable\n"));
        Assert.That(File.Exists(Path.Combine(Out, "portable", "card.md")));
    }

    [TestCase(1, 0, "report")]
    [TestCase(0, 2, "tests")]
    public void A_disagreement_or_a_failed_test_fails_it_and_stops_nothing(int report, int tests, string failed)
    {
        Assert.That(Run(report: report, tests: tests), Is.EqualTo(1));
        Assert.That(Begun(), Is.EqualTo(["open", "report", "tests", "kernels"]));
        Assert.That(Log(), Does.EndWith($"FAILED: {failed}\n"));
    }

    private static DeviceReport BrokenOff { get; } =
        new(new Machine("cuda", "card", "", "", "", ""), "", [], [], [], []) { UpTo = "agreement" };

    private string Log() => File.ReadAllText(Path.Combine(Out, "log.txt"));

    private string[] Begun() => [.. Log().Split('\n').Where(line => line.Contains("] begin ", StringComparison.Ordinal))
        .Select(line =>
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries).SkipWhile(word => word != "begin").ElementAt(1).TrimEnd(','))];

    private int Run(int open = 0, int openPortable = 0, int report = 0, int tests = 0, string number = "{}")
    {
        Program("FisherKernels.DeviceTests",
            $"case $FISHER_PORTABLE$* in 1*opens*) exit {openPortable} ;; *opens*) exit {open} ;; *) exit {tests} ;; esac");
        Program("FisherKernels.DeviceBench", $"""
            case $1 in
            report) for out; do :; done; mkdir -p "$out"; echo x >"$out/card.md"; echo '{number}' >"$out/card.json"; exit {report} ;;
            devices) echo 'devices: Cuda: none, because' ;;
            esac
            """);
        // Not compressed, which tar -J refuses: Python unpacks it.
        string cuda = Path.Combine(_folder, "artifacts", "cuda");
        Assert.That(Execute(
            "tar", "-cf", Path.Combine(cuda, "bundle.tar.xz"), "-C", _folder, "FisherKernels.DeviceTests", "FisherKernels.DeviceBench"),
                Is.Zero);
        return Execute("/bin/bash", Path.Combine(cuda, "device"));
    }

    private int Execute(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            program, arguments)
        { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        // Relative, as a person types it.
        start.Environment["OUT"] = "out";
        start.Environment["FISHER_PTXAS"] = "no-such-assembler";
        start.Environment.Remove("FISHER_DEVICE_SIZE");
        using Process script = Process.Start(start)!;
        Task<string> errors = script.StandardError.ReadToEndAsync();
        TestContext.Out.WriteLine(script.StandardOutput.ReadToEnd() + errors.Result);
        script.WaitForExit();
        return script.ExitCode;
    }

    private void Program(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, $"#!/bin/bash\n{text}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
