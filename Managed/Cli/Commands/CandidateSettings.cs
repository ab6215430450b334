using System.CommandLine;
using FisherKernels.Learning;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Cli.Commands;

/// <summary>The options that say which pairs are looked at.</summary>
internal sealed class CandidateSettings
{
    private static readonly CandidateOptions Usual = new();

    private readonly Option<CandidateScope> _scope = Ask.OneOf(
        "--scope",
        "in-prompt: pairs within a prompt; cross-prompt: pairs of all drawn responses",
        Usual.Scope,
        ("in-prompt", CandidateScope.InPrompt),
        ("cross-prompt", CandidateScope.CrossPrompt));

    private readonly Option<int> _prompts = Ask.Whole("--prompts", "prompts drawn", Usual.Prompts);

    private readonly Option<int> _candidates = Ask.Whole("--candidates", "candidate pairs drawn from them", Usual.Pairs);

    public CandidateSettings(Command command)
    {
        command.Options.Add(_scope);
        command.Options.Add(_prompts);
        command.Options.Add(_candidates);
    }

    public CandidateOptions Read(ParseResult parsed) => new()
    {
        Scope = parsed.GetValue(_scope),
        Prompts = Positive(_prompts.Name, parsed.GetValue(_prompts)),
        Pairs = Positive(_candidates.Name, parsed.GetValue(_candidates)),
    };

    /// <summary>The first of these options that was written, or null.</summary>
    public string? Given(ParseResult parsed) => new Option[] { _scope, _prompts, _candidates }
        .FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false })?.Name;

    public static int Positive(string name, int value) =>
        value > 0 ? value : throw new InputException($"{name} is {value}; it must be at least 1.");
}
