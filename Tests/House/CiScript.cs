using System.Diagnostics;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>.ci/run, with stand-ins for dotnet and for the runs on devices: its closing line tells the truth.</summary>
public class CiScript
{
    private const string NoDriver = "echo no driver; exit 77";

    private string _folder = "";

    [SetUp]
    public void Copy()
    {
        if (OperatingSystem.IsWindows() || !File.Exists("/bin/bash"))
        {
            Assert.Ignore("No /bin/bash here.");
        }

        _folder = Directory.CreateTempSubdirectory("fisher-ci-").FullName;
        Directory.CreateDirectory(Path.Combine(_folder, ".ci"));
        File.Copy(Path.Combine(Repository.Root, ".ci", "run"), Path.Combine(_folder, ".ci", "run"));
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
    public void Sums_all_runs() => Closes(0, "17 passed, 0 failed, 6 skipped", Summary(10, 0, 2), Summary(7, 0, 3));

    [Test]
    public void A_failed_test_fails() => Closes(1, "16 passed, 1 failed, 1 skipped", Summary(10, 0, 0), Summary(6, 1, 0) + "; exit 2");

    [Test]
    public void A_device_that_is_not_there_is_one_skip() =>
        Closes(0, "10 passed, 0 failed, 2 skipped", Summary(10, 0, 0), "echo no device; exit 77");

    [Test]
    public void A_rehearsal_on_a_stand_in_counts_with_all_its_runs() =>
        Closes(0, "40 passed, 0 failed, 0 skipped", Summary(10, 0, 0), Summary(7, 0, 0), cuda: Summary(1, 0, 0) + "; " + Summary(22, 0, 0));

    [Test]
    public void A_rehearsal_that_fails_after_good_tests_fails() =>
        Closes(1, "18 passed, 1 failed, 0 skipped", Summary(10, 0, 0), Summary(7, 0, 0), cuda: Summary(1, 0, 0) + "; exit 1");

    [Test]
    public void An_assembler_that_cannot_be_had_is_one_skip() =>
        Closes(0, "17 passed, 0 failed, 2 skipped", Summary(10, 0, 0), Summary(7, 0, 0), assembler: "echo no network; exit 77");

    [Test]
    public void An_assembler_that_fails_otherwise_fails() =>
        Closes(1, "17 passed, 1 failed, 1 skipped", Summary(10, 0, 0), Summary(7, 0, 0), assembler: "exit 1");

    [Test]
    public void A_run_that_says_nothing_fails() => Closes(1, "10 passed, 1 failed, 1 skipped", Summary(10, 0, 0), "true");

    [Test]
    public void A_crash_after_good_tests_fails() =>
        Closes(1, "15 passed, 1 failed, 1 skipped", Summary(10, 0, 0) + "; exit 134", Summary(5, 0, 0));

    [Test]
    public void A_summary_with_failures_is_believed_before_an_exit_code() =>
        Closes(1, "11 passed, 3 failed, 1 skipped", Summary(9, 2, 0), Summary(2, 0, 0));

    [Test]
    public void Without_a_build_nothing_else_is_tried() =>
        Closes(1, "0 passed, 1 failed, 0 skipped", Summary(10, 0, 0), Summary(5, 0, 0), build: "exit 1");

    // As the test platform prints it.
    private static string Summary(int passed, int failed, int skipped) =>
        $@"printf 'skipped One (0ms)\n\nTest run summary: X!\n  total: {passed + failed + skipped}\n  failed: {failed}\n"
        + $@"  succeeded: {passed}\n  skipped: {skipped}\n  duration: 1s\n'";

    private void Closes(
        int exit, string line, string tests, string opencl, string build = "true", string cuda = NoDriver, string assembler = "true")
    {
        Script(".ci/opencl", opencl);
        Script(".ci/faults", Summary(0, 0, 0));
        Script(".ci/fuzz", Summary(0, 0, 0));
        Script(".ci/cuda", cuda);
        Script(".ci/ptxas", assembler);
        Script("dotnet", $$"""
            case $1 in
            build) {{build}} ;;
            test) {{tests}} ;;
            tool) mkdir "$5" && cp "$0" "$5/fisher" ;; # tool install NAME --tool-path FOLDER
            run) for folder; do :; done; mkdir "$folder"; echo x | tee "$folder/curves.png" > "$folder/results.csv" ;; # run … --out FOLDER
            esac
            """);
        var start = new ProcessStartInfo(
            "/bin/bash", [Path.Combine(_folder, ".ci", "run")])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{_folder}:{start.Environment["PATH"]}";
        using Process script = Process.Start(start)!;
        Task<string> errors = script.StandardError.ReadToEndAsync();
        string output = script.StandardOutput.ReadToEnd();
        script.WaitForExit();
        Assert.That(output.TrimEnd('\n').Split('\n')[^1], Is.EqualTo(line), output + errors.Result);
        Assert.That(script.ExitCode, Is.EqualTo(exit), output + errors.Result);
    }

    private void Script(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, $"#!/bin/bash\n{text}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
