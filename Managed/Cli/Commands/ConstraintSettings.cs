using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Cli.Commands;

/// <summary>Options for what a batch has to keep besides being informative.</summary>
internal sealed class ConstraintSettings
{
    private readonly Option<int?> _perPrompt = Count("--per-prompt", "at most so many pairs of a prompt");
    private readonly Option<int?> _perResponse = Count("--per-response", "at most so many pairs of a response");
    private readonly Option<string?> _required = Ask.OptionalPath("--must", ".npy of pairs that the batch holds in any case, m × 2");
    private readonly Option<string?> _excluded =
        Ask.OptionalPath("--must-not", ".npy of pairs that it does not hold, m × 2, whichever way round");
    private readonly Option<string?> _groups = Ask.OptionalPath("--groups", ".npy of R whole numbers, the group of each response "
        + "(topic, language): groups get equal shares of the batch, by the first response of a pair");
    private readonly Option<string?> _costs = Ask.OptionalPath(
        "--costs", ".npy of R numbers above 0, what each response costs to read (tokens); a pair costs both; with --budget");
    private readonly Option<double?> _budget =
        Number("--budget", "what the batch may cost, instead of --batch or beside it; pairs are taken by what they tell per cost");
    private readonly Option<double?> _certify = Number("--certify", "efficiency to be proven, such as 0.98: the bound is tightened "
        + "until it is, until nothing more can be proven, or until --time-limit");
    private readonly Option<double?> _timeLimit =
        Number("--time-limit", "seconds for optimiser and proof; with one, a batch may depend on the speed of the machine");

    /// <summary>Adds the options to a command.</summary>
    public ConstraintSettings(Command command)
    {
        foreach (Option option in (Option[])[
            _perPrompt, _perResponse, _required, _excluded, _groups, _costs, _budget, _certify, _timeLimit])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The first option that was given, or null.</summary>
    public string? Given(ParseResult parsed) =>
        ((Option[])[_perPrompt, _perResponse, _required, _excluded, _groups, _costs, _budget, _certify])
        .FirstOrDefault(option => Ask.IsGiven(parsed, option))?.Name;

    /// <summary>Refuses options that would do nothing by a given strategy.</summary>
    /// <exception cref="InputException">Names the option and what it goes with.</exception>
    public void RequireUse(ParseResult parsed, Strategy strategy)
    {
        if (!strategy.Selector.KeepsLimits
            && ((Option[])[_perPrompt, _perResponse, _required, _groups, _costs, _budget])
                .FirstOrDefault(option => Ask.IsGiven(parsed, option)) is { } limit)
        {
            throw new InputException(
                $"{limit.Name} limits the batch, and {strategy.Name} chooses its batch itself and knows no limits; leave it out, or "
                    + $"choose another rule, {strategy.Name}+sample for one.");
        }

        if (Ask.IsGiven(parsed, _costs) != Ask.IsGiven(parsed, _budget) && !(parsed.GetValue(_budget) <= 0))
        {
            throw new InputException(Ask.IsGiven(parsed, _costs)
                ? $"There are costs, but no budget: {_costs.Name} goes with {_budget.Name}. Give both, or leave it out."
                : $"There is a budget, but nobody says what a response costs: {_budget.Name} goes with {_costs.Name}. Give both, or "
                    + "leave it out.");
        }

        _ = Limit(parsed);
        bool isCertified = Ask.IsGiven(parsed, _certify);
        if (isCertified && strategy.Acquisition.Criterion is null)
        {
            throw SelectSettings.GoesWith(_certify.Name, acquisition => acquisition.Criterion is not null, strategy.Name);
        }

        if (Ask.IsGiven(parsed, _timeLimit) && !isCertified && !strategy.Selector.TakesTime)
        {
            IEnumerable<string> endings =
                BatchSelectors.Optimisers.Where(selector => selector.TakesTime).Select(selector => "+" + selector.Name);
            throw new InputException(
                $"{_timeLimit.Name} goes with {_certify.Name} and with rules that end in {string.Join(", ", endings)}; "
                + $"{strategy.Name} has nothing to stop. Leave it out.");
        }
    }

    /// <summary>Whether a budget takes the place of a number of pairs.</summary>
    public bool HasBudget(ParseResult parsed) => parsed.GetValue(_budget) is not null;

    /// <summary>Pairs that are labelled, that the batch is not to hold, and that it holds in any case.</summary>
    /// <exception cref="InputException">A labelled pair, or one that must be in, has an embedding that is not finite; or one that
    /// must be in has the same twice.</exception>
    public PairsGiven Pairs(ParseResult parsed, EmbeddingPool pool, string? labelledPath)
    {
        Pair[] labelled = labelledPath is null ? [] : InputFiles.Pairs(labelledPath, pool.Responses);
        if (labelledPath is not null)
        {
            Offer.MarksOf(pool, labelledPath, labelled);
        }

        Pair[] required = [];
        if (parsed.GetValue(_required) is { } path)
        {
            required = InputFiles.Pairs(path, pool.Responses);
            UInt128[] marks = Offer.MarksOf(pool, path, required);
            int same = Array.FindIndex([.. Enumerable.Range(0, required.Length)], i => marks[2 * i] == marks[2 * i + 1]);
            if (same >= 0)
            {
                throw new InputException(
                    $"{path}: pair {same} is ({required[same].First}, {required[same].Second}), two responses with the same embedding: "
                        + "there is nothing to compare. Leave the pair out.");
            }
        }

        return new PairsGiven(
            labelled, parsed.GetValue(_excluded) is { } not
                ? [.. InputFiles.Pairs(not, pool.Responses).Select(pair => pair.Ascending())] : [], required);
    }

    /// <summary>All constraints.</summary>
    public BatchConstraints Read(ParseResult parsed, EmbeddingPool pool, PairsGiven given) => new()
    {
        PerPrompt = parsed.GetValue(_perPrompt),
        PerResponse = parsed.GetValue(_perResponse),
        Required = given.Required,
        Groups = parsed.GetValue(_groups) is { } groups ? InputFiles.Integers(groups, pool.Responses) : null,
        Costs = parsed.GetValue(_costs) is { } costs ? InputFiles.Costs(costs, pool.Responses) : null,
        Budget = parsed.GetValue(_budget),
        Efficiency = parsed.GetValue(_certify),
        TimeLimit = Limit(parsed),
    };

    private TimeSpan? Limit(ParseResult parsed) => parsed.GetValue(_timeLimit) is not { } seconds ? null
        : seconds > 0 && seconds <= 1e6 ? TimeSpan.FromSeconds(seconds)
        : throw new InputException(
            FormattableString.Invariant($"--time-limit is {seconds}; it is in seconds, above 0 and at most a million."));

    private static Option<int?> Count(string name, string description)
    {
        Option<int> like = Ask.Integer(name, description, 0);
        return new Option<int?>(name) { Description = description, CustomParser = given => like.CustomParser!(given) };
    }

    private static Option<double?> Number(string name, string description)
    {
        Option<double> like = Ask.Number(name, description, 0);
        return new Option<double?>(name) { Description = description, CustomParser = given => like.CustomParser!(given) };
    }
}
