using System.Text;
using System.Text.RegularExpressions;

namespace FisherKernels.Tests.House;

/// <summary>What the repository says in words: its pages, and the comments of its code.</summary>
internal static partial class Written
{
    private static readonly string[] Rooms = ["Kernels", "Managed", "Bench", "Tests"];

    private static readonly string[] DotFolders = [".ci", ".github"];

    /// <summary>All files of a kind, in the rooms, beside them and in the dotfolders; relative to the root, with '/'.</summary>
    public static string[] Files(params string[] patterns)
    {
        string root = Repository.Root;
        IEnumerable<string> folders = Rooms.Concat(DotFolders.Where(folder => Directory.Exists(Path.Combine(root, folder))));
        return [.. patterns.SelectMany(pattern => folders.SelectMany(folder => Repository.Files(folder, pattern))
            .Concat(Directory.EnumerateFiles(root, pattern).Select(file => Path.GetFileName(file))))];
    }

    public static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file));

    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Repository.Root, file));

    /// <summary>The comments of a C# file, or a page without its code, as one line.</summary>
    public static string Prose(string file)
    {
        var prose = new StringBuilder();
        IEnumerable<string> lines = file.EndsWith(".cs", StringComparison.Ordinal)
            ? Lines(file).SelectMany(Comments) : WithoutCode(Lines(file));
        foreach (string line in lines)
        {
            prose.Append(line.Trim()).Append(' ');
        }

        return prose.ToString();
    }

    /// <summary>The lines of a page that are not between fences.</summary>
    public static IEnumerable<string> WithoutCode(IEnumerable<string> lines) =>
        Fenced(lines).Where(line => !line.Code).Select(line => line.Text);

    /// <summary>Every line of a page but the fences, and whether it lies between two.</summary>
    public static IEnumerable<(string Text, bool Code)> Fenced(IEnumerable<string> lines)
    {
        bool code = false;
        foreach (string line in lines)
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                code = !code;
            }
            else
            {
                yield return (line, code);
            }
        }
    }

    /// <summary>The headings of a page, without their marks.</summary>
    public static IEnumerable<string> Headings(string file) =>
        WithoutCode(Lines(file)).Select(line => Heading().Match(line))
            .Where(found => found.Success).Select(found => found.Groups[1].Value.Trim());

    private static IEnumerable<string> Comments(string line)
    {
        Match found = Comment().Match(line);
        return found.Success ? [found.Groups[1].Value] : [];
    }

    [GeneratedRegex("^#{1,6} (.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex("""^(?:[^"]|"[^"]*")*?///?(.*)$""")]
    private static partial Regex Comment();
}
