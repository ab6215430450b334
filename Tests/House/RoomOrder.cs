using System.Xml.Linq;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>Kernels ← Managed ← Bench ← Tests, read from the project files.</summary>
public class RoomOrder
{
    private static readonly string[] Rooms = ["Kernels", "Managed", "Bench", "Tests"];

    [Test]
    public void No_arrow_points_the_other_way() => Assert.Multiple(() =>
    {
        foreach ((string project, string reference) in Arrows())
        {
            Assert.That(Room(reference), Is.LessThanOrEqualTo(Room(project)), $"{project} refers to {reference}");
        }
    });

    [Test]
    public void Kernels_stand_alone_and_their_devices_on_them() => Assert.That(
        Arrows().Where(arrow => Room(arrow.Project) == 0), Is.EqualTo([("Kernels/Gpu/Gpu.csproj", "Kernels/Kernels.csproj")]));

    // Who computes on the CPU, or brings devices of his own, gets no library for GPUs.
    [Test]
    public void Kernels_and_learning_need_no_gpu_library() => Assert.That(
        ((string[])["Kernels/Kernels.csproj", "Managed/Learning/Learning.csproj"]).SelectMany(project =>
            XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("PackageReference")
                .Select(package => package.Attribute("Include")!.Value)),
        Has.None.StartsWith("ILGPU"));

    [Test]
    public void Learning_knows_kernels_only() => Assert.That(
        Arrows().Where(arrow => arrow.Project == "Managed/Learning/Learning.csproj").Select(arrow => arrow.Reference),
        Is.EqualTo(["Kernels/Kernels.csproj"]));

    [Test]
    public void Storage_knows_learning_only() => Assert.That(
        Arrows().Where(arrow => arrow.Project == "Managed/Storage/Storage.csproj").Select(arrow => arrow.Reference),
        Is.EqualTo(["Managed/Learning/Learning.csproj"]));

    [Test]
    public void Experiments_know_learning_and_storage_only() => Assert.That(
        Arrows().Where(arrow => arrow.Project == "Managed/Experiments/Experiments.csproj").Select(arrow => arrow.Reference),
        Is.EqualTo(["Managed/Learning/Learning.csproj", "Managed/Storage/Storage.csproj"]));

    // What travels to a machine with a GPU: no command line, figures, compilers or hosted shells by way of another project.
    [TestCase("Bench/Device/DeviceBench.csproj", "Gpu", "Kernels", "Learning", "Storage")]
    [TestCase("Tests/Device/DeviceTests.csproj", "DeviceBench", "Gpu", "Kernels", "Learning", "Storage")]
    public void What_travels_refers_to_little(string project, params string[] references) => Assert.That(
        Arrows().Where(arrow => arrow.Project == project)
            .Select(arrow => Path.GetFileNameWithoutExtension(arrow.Reference)), Is.EqualTo(references));

    [TestCase("Bench/Device/DeviceBench.csproj", "System.CommandLine")]
    [TestCase("Tests/Device/DeviceTests.csproj", "CsCheck", "NUnit", "NUnit.Analyzers", "NUnit3TestAdapter")]
    public void What_travels_needs_few_packages(string project, params string[] packages) => Assert.That(
        XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("PackageReference")
            .Select(package => package.Attribute("Include")!.Value),
        Is.EqualTo(packages));

    [Test]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "FisherKernels.sln")).Replace('\\', '/');
        Assert.That(Projects(), Has.Length.GreaterThanOrEqualTo(5).And.All.Matches<string>(
            project => solution.Contains($"\"{project}\"", StringComparison.Ordinal)));
    }

    [Test]
    public void Package_versions_stand_in_one_list() => Assert.That(
        Projects().SelectMany(project => XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("PackageReference"))
            .Where(package => package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null),
        Is.Empty);

    private static string[] Projects() => [.. Rooms.SelectMany(room => Repository.Files(room, "*.csproj"))];

    private static List<(string Project, string Reference)> Arrows()
    {
        string root = Repository.Root;
        var arrows = new List<(string, string)>();
        foreach (string project in Projects())
        {
            string folder = Path.GetDirectoryName(Path.Combine(root, project))!;
            foreach (XElement reference in XDocument.Load(Path.Combine(root, project)).Descendants("ProjectReference"))
            {
                string target = Path.GetFullPath(Path.Combine(folder, reference.Attribute("Include")!.Value.Replace('\\', '/')));
                arrows.Add((project, Path.GetRelativePath(root, target).Replace('\\', '/')));
            }
        }

        Assert.That(arrows, Is.Not.Empty);
        return arrows;
    }

    private static int Room(string project)
    {
        int room = Array.IndexOf(Rooms, project.Split('/')[0]);
        Assert.That(room, Is.Not.Negative, $"{project} lies in no room");
        return room;
    }
}
