using System.CommandLine;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Files;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Cli.Commands;

/// <summary>Options for what a batch has to keep besides being informative.</summary>
internal sealed class DemandSettings
{
    private readonly Option<int?> _perPrompt = Count("--per-prompt", "at most so many pairs of a prompt");
    private readonly Option<int?> _perResponse = Count("--per-response", "at most so many pairs of a response");
    private readonly Option<string?> _must = Ask.OptionalPath("--must", ".npy of pairs that the batch holds in any case, m × 2");
    private readonly Option<string?> _mustNot = Ask.OptionalPath("--must-not", ".npy of pairs that it does not hold, m × 2, whichever way round");
    private readonly Option<string?> _groups = Ask.OptionalPath("--groups", ".npy of R whole numbers, the group of each response (topic, language): groups get equal shares of the batch, by the first response of a pair");
    private readonly Option<string?> _costs = Ask.OptionalPath("--costs", ".npy of R numbers above 0, what each response costs to read (tokens); a pair costs both; with --budget");
    private readonly Option<double?> _budget = Number("--budget", "what the batch may cost, instead of --batch; pairs are taken by what they tell per cost");
    private readonly Option<double?> _certify = Number("--certify", "efficiency to be proven, such as 0.98: the bound is tightened until it is, until nothing more can be proven, or until --time-limit");
    private readonly Option<double?> _timeLimit = Number("--time-limit", "seconds for optimiser and proof; with one, a batch may depend on the speed of the machine");

    /// <summary>Adds the options to a command.</summary>
    public DemandSettings(Command command)
    {
        foreach (Option option in (Option[])[_perPrompt, _perResponse, _must, _mustNot, _groups, _costs, _budget, _certify, _timeLimit])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The first option that was given, or null.</summary>
    public string? Given(ParseResult parsed) => ((Option[])[_perPrompt, _perResponse, _must, _mustNot, _groups, _costs, _budget, _certify])
        .FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false })?.Name;

    /// <summary>Whether a budget takes the place of a number of pairs.</summary>
    public bool HasBudget(ParseResult parsed) => parsed.GetValue(_budget) is not null;

    /// <summary>Pairs that the batch is not to hold, in ascending order of rows.</summary>
    public HashSet<Pair> Barred(ParseResult parsed, EmbeddingPool pool) =>
        parsed.GetValue(_mustNot) is { } path ? [.. InputFiles.Pairs(path, pool.Responses).Select(Ascending)] : [];

    /// <summary>All demands.</summary>
    public BatchDemands Read(ParseResult parsed, EmbeddingPool pool) => new()
    {
        PerPrompt = parsed.GetValue(_perPrompt),
        PerResponse = parsed.GetValue(_perResponse),
        Must = parsed.GetValue(_must) is { } must ? InputFiles.Pairs(must, pool.Responses) : [],
        Groups = parsed.GetValue(_groups) is { } groups ? InputFiles.Whole(groups, pool.Responses) : null,
        Costs = parsed.GetValue(_costs) is { } costs ? InputFiles.Costs(costs, pool.Responses) : null,
        Budget = parsed.GetValue(_budget),
        Certify = parsed.GetValue(_certify),
        TimeLimit = parsed.GetValue(_timeLimit) is { } seconds ? Seconds(seconds) : null,
    };

    /// <summary>A pair with the lower row first.</summary>
    public static Pair Ascending(Pair pair) => pair.First < pair.Second ? pair : new Pair(pair.Second, pair.First);

    private static TimeSpan Seconds(double seconds) => seconds > 0 && seconds <= 1e6
        ? TimeSpan.FromSeconds(seconds)
        : throw new InputException(FormattableString.Invariant($"--time-limit is {seconds}; it is in seconds, above 0 and at most a million."));

    private static Option<int?> Count(string name, string description)
    {
        Option<int> like = Ask.Whole(name, description, 0);
        return new Option<int?>(name) { Description = description, CustomParser = given => like.CustomParser!(given) };
    }

    private static Option<double?> Number(string name, string description)
    {
        Option<double> like = Ask.Number(name, description, 0);
        return new Option<double?>(name) { Description = description, CustomParser = given => like.CustomParser!(given) };
    }
}
