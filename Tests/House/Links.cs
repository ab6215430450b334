using System.Text.RegularExpressions;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>Links of the pages point at files and headings that exist.</summary>
public partial class Links
{
    [Test]
    public void Lead_to_files_and_headings()
    {
        var broken = new List<string>();
        foreach (string page in Written.Files("*.md"))
        {
            IEnumerable<string> targets = Link().Matches(Written.Prose(page))
                .Select(link => link.Groups[1].Value);
            broken.AddRange(targets.Where(target => !Exists(page, target)).Select(target => $"{page}: {target}"));
        }

        Assert.That(broken, Is.Empty);
    }

    private static bool Exists(string page, string target)
    {
        if (target.Contains("://", StringComparison.Ordinal))
        {
            return true;
        }

        string[] parts = target.Split('#', 2);
        string file = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
        string path = Path.Combine(Repository.Root, file);
        return parts.Length == 1 ? Path.Exists(path) : File.Exists(path) && Anchors(file).Contains(parts[1]);
    }

    // As the host of the repository makes them.
    private static IEnumerable<string> Anchors(string file) =>
        Written.Headings(file).Select(heading => Dropped().Replace(heading, "").ToLowerInvariant().Replace(' ', '-'));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex Dropped();
}
