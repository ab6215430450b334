using System.CommandLine;

namespace FisherKernels.Bench;

/// <summary>The options that say what is measured and where: what the program knows of itself and of the machine where they are
/// left out.</summary>
internal sealed class Provenance
{
    private readonly Option<string> _commit = CommitOption();
    private readonly Option<string> _machine =
        new("--machine")
        {
            Description = "where, for the page; processor and cores when left out",
            DefaultValueFactory = _ =>
        Bench.Machine.ProcessorHere
        };

    public Provenance(Command command)
    {
        command.Options.Add(_commit);
        command.Options.Add(_machine);
    }

    /// <summary>Of a command that knows the machine itself.</summary>
    public static Option<string> CommitOption() => new("--commit")
    {
        Description = "what is measured, for the page; what this program was built from when left out",
        DefaultValueFactory = _ => Bench.Machine.Commit,
    };

    public string Commit(ParseResult parsed) => parsed.GetRequiredValue(_commit);

    public string Machine(ParseResult parsed) => parsed.GetRequiredValue(_machine);

    /// <summary>What is known, with semicolons between.</summary>
    public static string InWords(params ReadOnlySpan<string> words) => string.Join("; ", words.ToArray().Where(word => word.Length > 0));

    /// <summary>A commit in such a list; nothing where none is known.</summary>
    public static string OfCommit(string commit) => commit.Length > 0 ? $"commit {commit}" : "";
}
