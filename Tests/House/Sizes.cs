using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>What one can take in at once: lines, methods, parameter lists and the front page keep to a size.</summary>
public partial class Sizes
{
    private const int Columns = 140, MethodLines = 60, Parameters = 7, FrontPage = 150, SentenceWords = 30;

    // This list only shrinks: an entry that is large no longer fails.
    private static readonly string[] StillLarge =
    [
        // One launch each, and what it shares stands in one place: a call in a kernel costs registers.
        "AllPairsLaplacianKernel.Run", "Factorisation.Run", "GreedyAtOnceKernel.Run", "TopSelectKernel.Run",

        // Inner loops written for vector registers: a record of their arguments would go through memory.
        "Gemm.Multiply", "Gemm.Tile", "Gemm.Tile256", "Gemm.Tile512", "Laplacian.LookAhead", "Laplacian.NarrowStrip256", "Laplacian.Row",
        "Laplacian.Strip512", "PanelUpdate.Run", "VectorMath.Polynomial",

        // The call without a copy: its arguments are the caller's own memory.
        "DOptimalSelector.Select",
    ];

    private static readonly CSharpParseOptions Newest = new(LanguageVersion.Preview);

    [Test]
    public void Lines_are_at_most_140_columns()
    {
        IEnumerable<string> wide =
            from file in Written.Files("*.cs", "*.csproj", "*.props", "*.targets", "*.proj", "*.md")
            from line in CodeLines(file)
            where line.Length > Columns
            select $"{file}: {line.Trim()}";
        Assert.That(wide, Is.Empty);
    }

    [Test]
    public void Methods_are_at_most_60_lines_and_7_parameters() =>
        Assert.That(Large.Where(large => !StillLarge.Contains(large.Name)), Is.Empty);

    [Test]
    public void What_is_listed_as_large_is_large() => Assert.That(StillLarge.Except(Large.Select(large => large.Name)), Is.Empty);

    [Test]
    public void The_front_page_is_short_and_so_are_its_sentences()
    {
        string[] lines = Written.Lines("README.md");
        Assert.That(lines, Has.Length.LessThanOrEqualTo(FrontPage));
        Assert.That(Sentences(lines).Where(sentence => Word().Count(sentence) > SentenceWords), Is.Empty);
    }

    private static IEnumerable<(string Name, int Lines, int Parameters)> Large =>
        from file in Written.Files("*.cs")
        from member in CSharpSyntaxTree.ParseText(Written.Read(file), Newest).GetRoot().DescendantNodes()
        let lines = Lines(member)
        let parameters = Count(member)
        where lines > MethodLines || (parameters > Parameters && !IsDeviceCode(file))
        select ($"{Path.GetFileNameWithoutExtension(file)}.{Name(member)}", lines, parameters);

    private static IEnumerable<string> CodeLines(string file) => file.EndsWith(".md", StringComparison.Ordinal)
        ? Written.Fenced(Written.Lines(file)).Where(line => line.Code).Select(line => line.Text)
        : Written.Lines(file);

    // A kernel takes its arrays one by one.
    private static bool IsDeviceCode(string file) => file.StartsWith("Kernels/Gpu/Device/", StringComparison.Ordinal);

    // From its first modifier to its closing brace; local functions and lambdas count with what they stand in.
    private static int Lines(SyntaxNode member) => member switch
    {
        BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax => Height(member),
        _ => 0,
    };

    private static int Height(SyntaxNode member)
    {
        FileLinePositionSpan span = member.SyntaxTree.GetLineSpan(member.Span);
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private static int Count(SyntaxNode member) => member switch
    {
        BaseMethodDeclarationSyntax method => Count(method.ParameterList),
        LocalFunctionStatementSyntax function => Count(function.ParameterList),
        _ => 0,
    };

    // Whether a method can be cancelled is no matter of its size.
    private static int Count(ParameterListSyntax list) =>
        list.Parameters.Count(parameter => parameter.Type?.ToString() != nameof(CancellationToken));

    private static string Name(SyntaxNode member) => member switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        _ => member.Kind().ToString(),
    };

    // Tables and headings are no sentences; an item of a list is one of its own.
    private static IEnumerable<string> Sentences(IEnumerable<string> lines)
    {
        IEnumerable<string> text = Written.WithoutCode(lines)
            .Select(line => line.StartsWith('|') || line.StartsWith('#') ? "" : Target().Replace(line, "]"));
        return Paragraph().Split(string.Join('\n', text)).SelectMany(paragraph => End().Split(paragraph.Replace('\n', ' ')));
    }

    [GeneratedRegex(@"[\p{L}\p{N}][^\s]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\]\([^)]*\)")]
    private static partial Regex Target();

    [GeneratedRegex(@"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )")]
    private static partial Regex Paragraph();

    [GeneratedRegex(@"(?<=[.?!][)*_""”]*)\s+(?=\P{Ll})")]
    private static partial Regex End();
}
