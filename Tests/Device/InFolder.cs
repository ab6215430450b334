using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Tests that each have a folder of their own, which is removed afterwards.</summary>
public abstract class InFolder
{
    protected string Folder { get; private set; } = "";

    [SetUp]
    public void MakeFolder() => Folder = Directory.CreateTempSubdirectory("fisher-files-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(Folder, recursive: true);

    protected string PathOf(string name) => Path.Combine(Folder, name);

    protected string Put(string name, params byte[] bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }
}
