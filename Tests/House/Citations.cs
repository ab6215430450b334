using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>Whatever a comment or a page cites is in the repository: sections, equations of the paper, and sources.</summary>
public partial class Citations
{
    private const string Mathematics = "Kernels/MATH.md";

    [TestCase("MATH", Mathematics)]
    [TestCase("ARCHITECTURE", "Managed/ARCHITECTURE.md")]
    public void Every_cited_section_exists(string book, string page)
    {
        int[] sections = [.. Written.Headings(page).Select(heading => SectionHeading().Match(heading))
            .Where(found => found.Success).Select(found => Number(found.Groups[1].Value))];
        Assert.That(sections, Is.EqualTo(Enumerable.Range(1, sections.Length)), "numbered from 1 without a gap");
        IEnumerable<(string File, int Section)> cited =
            from file in Prose()
            from citation in SectionCitation().Matches(file.Text)
            where citation.Groups[1].Value == book
            from number in citation.Groups[2].Captures
            select (file.Name, Number(number.Value));
        Assert.That(cited.Where(citation => !sections.Contains(citation.Section)), Is.Empty);
    }

    [Test]
    public void Every_cited_equation_of_the_paper_is_listed()
    {
        int[] listed = [.. Written.Lines(Mathematics).Select(line => EquationRow().Match(line))
            .Where(row => row.Success).Select(row => Number(row.Groups[1].Value))];
        IEnumerable<(string File, int Equation)> cited =
            from file in Prose()
            from citation in EquationCitation().Matches(file.Text)
            from number in citation.Groups[1].Captures
            select (file.Name, Number(number.Value));
        Assert.That(cited, Is.Not.Empty);
        Assert.That(cited.Where(citation => !listed.Contains(citation.Equation)), Is.Empty);
    }

    [Test]
    public void Every_cited_source_is_listed_and_every_listed_one_is_cited()
    {
        string[] listed = [.. Written.Lines(Mathematics).Select(line => SourceKey().Match(line))
            .Where(key => key.Success).Select(key => key.Groups[1].Value)];
        (string File, string Key)[] cited = [..
            from file in Prose()
            from citation in SourceCitation().Matches(file.Text)
            select (file.Name, $"{citation.Groups[1].Value} {citation.Groups[2].Value}")];
        Assert.That(listed, Is.Not.Empty.And.Unique);
        Assert.That(cited.Where(citation => !listed.Contains(citation.Key)), Is.Empty, "not listed");
        Assert.That(listed.Except(cited.Select(citation => citation.Key)), Is.Empty, "cited nowhere");
    }

    private static IEnumerable<(string Name, string Text)> Prose() =>
        Written.Files("*.cs", "*.md").Select(file => (file, Written.Prose(file)));

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d+)\. ")]
    private static partial Regex SectionHeading();

    [GeneratedRegex(@"\b([A-Z]+)\.md(?:,?(?: and)? §(\d+))+")]
    private static partial Regex SectionCitation();

    [GeneratedRegex(@"^\| (\d+) \|")]
    private static partial Regex EquationRow();

    [GeneratedRegex(@"\bpaper, eq\.(?:,? (?:\d+–)?(\d+))+")]
    private static partial Regex EquationCitation();

    [GeneratedRegex(@"^- \*\*(\p{Lu}\p{L}+ \d{4})\*\*: ")]
    private static partial Regex SourceKey();

    // Higham 2002; Ash et al. 2020; Guo and others 2017; Shen, Sun and Ton, 2025; Kirsch, van Amersfoort and Gal 2019.
    [GeneratedRegex(@"\b(\p{Lu}\p{L}+)(?: et al\.| and others|(?:, (?:van )?\p{Lu}\p{L}+)*,? and (?:van )?(?:de )?\p{Lu}\p{L}+)?"
        + @",? \(?((?:19|20)\d\d)\b")]
    private static partial Regex SourceCitation();
}
