using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>build.ps1, read and run in a hosted PowerShell engine that knows no cmdlet at all.</summary>
public class BuildScript
{
    private string _folder = "";

    [SetUp]
    public void Copy()
    {
        _folder = Directory.CreateTempSubdirectory("fisher-build-").FullName;
        File.Copy(Path.Combine(Repository.Root, "build.ps1"), Path.Combine(_folder, "build.ps1"));
    }

    [TearDown]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Uses_the_language_and_dotnet_only()
    {
        ScriptBlockAst script = Parser.ParseFile(Path.Combine(_folder, "build.ps1"), out _, out ParseError[] errors);
        Assert.That(errors, Is.Empty);
        string?[] commands = [.. script.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Select(node => ((CommandAst)node).GetCommandName())];
        Assert.That(commands, Is.Not.Empty.And.All.EqualTo("dotnet"));
    }

    [Test]
    public void Runs_its_targets_in_the_order_given()
    {
        string log = FakeDotnet(out string dotnet);
        Run(dotnet, "test", "pack", "restore");
        string solution = $"{_folder}/FisherKernels.sln";
        Assert.That(File.ReadAllLines(log), Is.EqualTo([
            $"test --solution {solution} -c Release",
            $"pack {_folder}/Managed/Cli -c Release -o {_folder}/artifacts",
            $"restore {solution}"]));
    }

    [Test]
    public void A_bundle_is_made_by_a_project_of_its_own()
    {
        string log = FakeDotnet(out string dotnet);
        Run(dotnet, "bundle");
        Assert.That(File.ReadAllLines(log), Is.EqualTo([$"msbuild {_folder}/Bench/Bundle/Bundle.proj -nologo"]));
    }

    [Test]
    public void Without_arguments_it_restores_builds_and_tests()
    {
        string log = FakeDotnet(out string dotnet);
        Run(dotnet);
        Assert.That(File.ReadAllLines(log).Select(line => line.Split(' ')[0]), Is.EqualTo(["restore", "build", "test"]));
    }

    [Test]
    public void Stops_at_the_first_failure()
    {
        string log = FakeDotnet(out string dotnet, failing: "format");
        Assert.That(
            () => Run(dotnet, "restore", "format", "build"),
            Throws.InstanceOf<RuntimeException>().With.Message.EqualTo("format failed: the last command ended with exit code 3."));
        Assert.That(File.ReadAllLines(log).Select(line => line.Split(' ')[0]), Is.EqualTo(["restore", "format"]));
    }

    [Test]
    public void Refuses_an_unknown_target() =>
        Assert.That(() => Run(null, "deploy"), Throws.InstanceOf<ParameterBindingException>());

    [Test]
    public void Restores_for_real()
    {
        string root = Repository.Root;
        string[] projects = [.. new[] { "Kernels", "Managed", "Bench", "Tests" }.SelectMany(room => Repository.Files(room, "*.csproj"))];
        foreach (string file in projects.Concat(["FisherKernels.sln", "Directory.Build.props", "Directory.Packages.props", "global.json"]))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, file))!);
            File.Copy(Path.Combine(root, file), Path.Combine(_folder, file));
        }

        Run(null, "restore");
        Assert.That(File.Exists(Path.Combine(_folder, "Kernels", "obj", "project.assets.json")));
    }

    /// <summary>A program that writes down its arguments, and fails with 3 when the first is <paramref name="failing"/>.</summary>
    private string FakeDotnet(out string program, string failing = "nothing")
    {
        string log = Path.Combine(_folder, "calls.txt");
        program = Path.Combine(_folder, "fake-dotnet");
        File.WriteAllText(program, $"#!/bin/sh\necho \"$*\" >> '{log}'\n[ \"$1\" != '{failing}' ] || exit 3\n");
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("The stand-in for dotnet is a shell script.");
        }
        else
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return log;
    }

    private void Run(string? dotnet, params string[] targets)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.Commands.Clear();
        state.Commands.Add(new SessionStateScriptEntry("*"));
        state.Commands.Add(new SessionStateApplicationEntry("*"));
        if (dotnet is not null)
        {
            state.Commands.Add(new SessionStateAliasEntry("dotnet", dotnet));
        }

        using Runspace space = RunspaceFactory.CreateRunspace(state);
        space.Open();
        using PowerShell shell = PowerShell.Create(space);
        shell.AddCommand(Path.Combine(_folder, "build.ps1"));
        foreach (string target in targets)
        {
            shell.AddArgument(target);
        }

        shell.Invoke();
        Assert.That(shell.Streams.Error, Is.Empty);
    }
}
