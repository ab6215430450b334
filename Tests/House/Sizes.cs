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

    // Not yet mended; this list only shrinks.
    private static readonly string[] StillLarge =
    [
        "ActiveLearner.Choose", "AllPairsLaplacianKernel.Run", "BatchConstraints.Resolve", "BatchesCommand.Create",
        "ClusterSums.Of", "CoresetAcquisition.LogRest", "CpuBackend.AllPairs.AllPairsInformationCore", "CurvesCommand.Create",
        "DOptimalSelector.Select", "EmbeddingPool.EmbeddingPool", "EvaluateCommand.OfPeople", "EvaluateCommand.OfPrompts",
        "Factorisation.Run", "Gemm.Multiply", "Gemm.Tile", "Gemm.Tile256", "Gemm.Tile512", "GreedyAtOnceKernel.Run",
        "GrowthCommand.Create", "Invocation.RunAsync", "Laplacian.LookAhead", "Laplacian.NarrowStrip256", "Laplacian.Row",
        "Laplacian.Strip512", "PageTests.Numbers_of_a_run_written_by_hand", "PanelUpdate.Run", "ReportText.Of",
        "RunCommand.Create", "ScoreCommand.Compute", "ScoreCommand.Create", "SelectCommand.OfEveryPair", "SelfTest.Results",
        "TopSelectKernel.Run", "TrainCommand.Create", "VectorMath.Polynomial",
        "OperationCases.Greedy.Greedy", "Definition.Adam",
    ];

    private static readonly CSharpParseOptions Newest = new(LanguageVersion.Preview);

    // Wider lines that are still there, by room: these numbers only fall.
    [TestCase("Kernels", 150)]
    [TestCase("Managed", 385)]
    [TestCase("Bench", 350)]
    [TestCase("Tests", 570)]
    [TestCase("", 0)]
    public void Lines_are_at_most_140_columns(string room, int stillWide)
    {
        (string File, int Wide)[] wide = [.. Written.Files("*.cs", "*.csproj", "*.props", "*.targets", "*.proj", "*.md")
            .Where(file => (file.Contains('/', StringComparison.Ordinal) ? file.Split('/')[0] : "") == room)
            .Select(file => (file, CodeLines(file).Count(line => line.Length > Columns))).Where(found => found.Item2 > 0)];
        Assert.That(wide.Sum(found => found.Wide), Is.LessThanOrEqualTo(stillWide), string.Join(", ", wide));
    }

    [Test]
    public void Methods_are_at_most_60_lines_and_7_parameters()
    {
        IEnumerable<string> large =
            from file in Written.Files("*.cs")
            from member in CSharpSyntaxTree.ParseText(Written.Read(file), Newest).GetRoot().DescendantNodes()
            let lines = Lines(member)
            let parameters = Count(member)
            where lines > MethodLines || parameters > Parameters && !IsDeviceCode(file)
            let name = $"{Path.GetFileNameWithoutExtension(file)}.{Name(member)}"
            where !StillLarge.Contains(name)
            select $"{name}: {lines} lines, {parameters} parameters";
        Assert.That(large, Is.Empty);
    }

    [Test]
    public void The_front_page_is_short_and_so_are_its_sentences()
    {
        string[] lines = Written.Lines("README.md");
        Assert.That(lines, Has.Length.LessThanOrEqualTo(FrontPage));
        Assert.That(Sentences(lines).Where(sentence => Word().Count(sentence) > SentenceWords), Is.Empty);
    }

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
