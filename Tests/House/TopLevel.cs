using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>What may lie beside the rooms is fixed; dotfolders are the hosts' and the editors'.</summary>
public class TopLevel
{
    private static readonly string[] Required =
    [
        "FisherKernels.sln", "Kernels", "Managed", "Bench", "Tests", "build.ps1", "Directory.Build.props", "Directory.Packages.props",
        "global.json", "LICENSE", "README.md", "CHANGELOG.md",
    ];

    // What builds and runs leave behind (.gitignore).
    private static readonly string[] Allowed = ["artifacts", "runs", "TestResults", "BenchmarkDotNet.Artifacts"];

    [Test]
    public void Is_complete_and_holds_nothing_else()
    {
        string[] found = [.. new DirectoryInfo(Repository.Root).EnumerateFileSystemInfos().Select(entry => entry.Name)
            .Where(name => !name.StartsWith('.'))];
        Assert.That(Required.Except(found), Is.Empty, "missing");
        Assert.That(found.Except(Required).Except(Allowed), Is.Empty, "not part of the layout");
    }
}
