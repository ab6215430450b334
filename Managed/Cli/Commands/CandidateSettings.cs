using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Learning;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Cli.Commands;

/// <summary>The options that say which pairs are looked at.</summary>
internal sealed class CandidateSettings
{
    private static readonly CandidateOptions Default = new();

    private readonly Option<CandidateScope> _scope = Ask.OneOf(
        "--scope",
        "in-prompt: pairs within a prompt; cross-prompt: pairs of all drawn responses",
        Default.Scope,
        ("in-prompt", CandidateScope.InPrompt),
        ("cross-prompt", CandidateScope.CrossPrompt));

    private readonly Option<int> _prompts = Ask.Integer(
        "--prompts", "prompts drawn, others in each round; more where those hold fewer pairs than a batch", Default.Prompts);

    private readonly Option<int> _candidates = Ask.Integer("--candidates", "candidate pairs drawn from them", Default.Pairs);

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
        .FirstOrDefault(option => Ask.IsGiven(parsed, option))?.Name;

    /// <summary>Refuses to draw fewer candidates than a batch is to have.</summary>
    /// <exception cref="InputException">They are fewer.</exception>
    public void RequireEnough(ParseResult parsed, string batch, int count)
    {
        if (parsed.GetValue(_candidates) is var drawn && drawn < count)
        {
            throw new InputException($"{_candidates.Name} is {drawn}, and {batch} is {count}: a batch is chosen from the candidates. "
                + "Draw more, or ask for fewer.");
        }
    }

    /// <summary>What was drawn of how much, and which options take more; null where all was.</summary>
    public string? Describe(DrawnCandidates drawn, int prompts)
    {
        bool isPartial = drawn.Prompts < prompts, isSample = drawn.Pairs.Length < drawn.Unlabelled;
        string of = FormattableString.Invariant($"{drawn.Prompts:N0} of {prompts:N0} prompts drawn");
        string pairs = FormattableString.Invariant($"{drawn.Pairs.Length:N0} of their {drawn.Unlabelled:N0} pairs");
        return (isPartial, isSample) switch
        {
            (true, true) => $"{of}, and {pairs}; {_prompts.Name} N and {_candidates.Name} N take more.",
            (true, false) => $"{of}; {_prompts.Name} N takes more.",
            (false, true) => FormattableString.Invariant(
                $"{drawn.Pairs.Length:N0} of all {drawn.Unlabelled:N0} pairs drawn; {_candidates.Name} N takes more."),
            _ => null,
        };
    }

    public static int Positive(string name, int value) => Ask.Positive(name, value);
}
