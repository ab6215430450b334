using System.Reflection;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>Which folder of a project uses which, read from the compiled code: no cycle, and no arrow that points the wrong way.</summary>
/// <remarks>
/// A folder is a namespace. What lies at the root of a project is common ground: all of its folders may use it, and it is none itself.
/// </remarks>
public class FolderGraph
{
    // The order within a project: a folder may use those before it.
    private static readonly Dictionary<string, string[]> Order = new()
    {
        ["Kernels"] = ["Numerics", "Cpu"],
        ["Gpu"] = ["Device"],
        ["Learning"] = ["Pools", "Models", "Design", "Clustering", "Batches", "Acquisition", "Selection", "Metrics", "Loop"],
        ["Storage"] = [],
        ["Experiments"] = ["Data", "Loop", "Figures", "Runs"],
        ["Cli"] = ["Terminal", "Commands"],
    };

    private static string[] Projects =>
    [
        .. from room in (string[])["Kernels", "Managed"]
           from project in Repository.Files(room, "*.csproj")
           select Path.GetFileNameWithoutExtension(project),
    ];

    [TestCaseSource(nameof(Projects))]
    public void Folders_form_no_cycle(string project)
    {
        List<(string From, string To)> left = [.. Arrows(project)];
        int before;
        do
        {
            before = left.Count;
            left.RemoveAll(arrow => !left.Exists(next => next.From == arrow.To) || !left.Exists(next => next.To == arrow.From));
        }
        while (left.Count < before);

        Assert.That(left.Select(arrow => Text(project, arrow)), Is.Empty);
    }

    [TestCaseSource(nameof(Projects))]
    public void No_arrow_points_the_wrong_way(string project)
    {
        Assert.That(Order, Contains.Key(project), "A new project states the order of its folders here.");
        string[] order = Order[project];
        IEnumerable<string> wrong =
            from arrow in Arrows(project)
            where Array.IndexOf(order, arrow.To) < 0 || Array.IndexOf(order, arrow.To) > Array.IndexOf(order, arrow.From)
            select Text(project, arrow);
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Nothing_above_the_seam_names_what_lies_below() => Assert.That(
        from type in Projects.Except(["Kernels", "Gpu"]).SelectMany(Types).Concat(Experiments)
        from used in TypeUses.By(type)
        where Project(used) is "Kernels" or "Gpu" && !used.IsVisible
        select $"{type} uses {used}", Is.Empty);

    private static IEnumerable<Type> Experiments =>
        Types("Bench").Where(type => type.Namespace!.StartsWith("FisherKernels.Bench.Experiments", StringComparison.Ordinal));

    private static HashSet<(string From, string To)> Arrows(string project) =>
    [
        .. from type in Types(project)
           from used in TypeUses.By(type)
           where Project(used) == project
           let arrow = (From: Folder(type), To: Folder(used))
           where arrow.From.Length > 0 && arrow.To.Length > 0 && arrow.From != arrow.To
           select arrow,
    ];

    private static IEnumerable<Type> Types(string project) =>
        from type in Assembly.Load("FisherKernels." + project).GetTypes()
        where TypeUses.Outermost(type).Namespace is not null && Project(type) == project
        select type;

    private static string Project(Type type) => TypeUses.Outermost(type).Namespace!.Split('.')[1];

    private static string Folder(Type type) => string.Join('.', TypeUses.Outermost(type).Namespace!.Split('.').Skip(2));

    private static string Text(string project, (string From, string To) arrow) => $"{project}: {arrow.From} → {arrow.To}";
}
