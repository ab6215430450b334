using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Cli.Commands;

/// <summary>The options of fisher select, and which of them do not go together.</summary>
internal sealed class SelectSettings
{
    /// <summary>Adds the options to a command.</summary>
    public SelectSettings(Command command)
    {
        foreach (Option option in (Option[])[Embeddings, PromptIds, Rule, Batch, Pairs, EveryPair, Labelled, Targets, Ridge, Out])
        {
            command.Options.Add(option);
        }

        Model = new ModelOption(command, "trained model: .safetensors; only random does without", required: false);
        Candidates = new CandidateSettings(command);
        Constraints = new ConstraintSettings(command);
        Shared = new SharedOptions(command);
    }

    public Option<string> Embeddings { get; } = Ask.Path("--embeddings", ".npy, responses × D or prompts × responses × D");

    public Option<string?> PromptIds { get; } = Ask.OptionalPath(
        "--prompt-ids", ".npy of R whole numbers, the prompt of each row of an (R, D) file; without it such a file is one prompt");

    public ModelOption Model { get; }

    public Option<string> Rule { get; } = new("--rule", "--strategy")
    {
        Description =
            $"strategy: {string.Join(", ", Strategy.Known.Select(strategy => strategy.Name))}; NAME takes the best scores, NAME+sample or "
            + "NAME+power=β draw in proportion to scoreᵝ, NAME+softmax=β to e^(β·score); dopt, padopt and xtx also go with "
            + $"{string.Join(", ", BatchSelectors.Optimisers.Select(selector => "+" + selector.Name))}, which optimise the "
            + "batch as a whole",
        DefaultValueFactory = _ => "padopt",
    };

    public Option<int> Batch { get; } =
        Ask.Integer("--batch", "pairs to choose; with --budget only where it is given, and then both limit", 500);

    public Option<string?> Pairs { get; } = Ask.OptionalPath(
        "--pairs", ".npy of candidate pairs, n × 2 row numbers, each taken once; drawn from the pool when left out");

    public Option<bool> EveryPair { get; } = new("--every-pair")
    {
        Description =
            "look at every pair of all responses instead of drawn candidates; padopt, padopt+greedy and padopt+exchange take up to "
            + $"{Backend.MostResponsesOfAllPairs} responses, rules that need a list up to some 5,000; padopt is dopt as "
            + "long as nothing is labelled",
    };

    public Option<string?> Labelled { get; } = Ask.OptionalPath(
        "--labelled", ".npy of pairs already labelled, m × 2: left out of the candidates, and the past of the rules that look at it");

    public Option<string?> Targets { get; } = Ask.OptionalPath(
        "--targets", ".npy of what vopt and gopt are to predict well: n × 2 pairs, or n responses for all their pairs; the candidates "
            + "when left out");

    public Option<double> Ridge { get; } = Ask.Number("--ridge", "λ, prior precision of the head, for rules of information", 1e-6);

    public Option<string> Out { get; } = Ask.Path("--out", "where the pairs go: NAME or NAME.npy, and NAME.jsonl beside it");

    public CandidateSettings Candidates { get; }

    public ConstraintSettings Constraints { get; }

    public SharedOptions Shared { get; }

    /// <summary>Refuses options that would do nothing beside the others.</summary>
    /// <exception cref="InputException">Names the option and what it goes with.</exception>
    public void RequireUse(ParseResult parsed, Strategy strategy)
    {
        string? drawing = Candidates.Given(parsed);
        if (parsed.GetValue(EveryPair))
        {
            RequireEveryPair(parsed, drawing);
        }
        else if (parsed.GetValue(Pairs) is not null && drawing is not null)
        {
            throw new InputException($"{drawing} says how candidates are drawn, and {Pairs.Name} lists them; leave one of them out.");
        }

        RequireTargets(parsed.GetValue(Targets) is not null, Targets.Name, strategy.Acquisition);
        if (Ask.IsGiven(parsed, Ridge) && !strategy.Acquisition.Reads(Inputs.Ridge))
        {
            throw GoesWith(Ridge.Name, acquisition => acquisition.Reads(Inputs.Ridge), strategy.Name);
        }

        Constraints.RequireUse(parsed, strategy);
    }

    /// <summary>Refuses targets that a rule does not look at.</summary>
    /// <exception cref="InputException">It does not.</exception>
    public static void RequireTargets(bool given, string option, IAcquisition acquisition)
    {
        if (given && !acquisition.Reads(Inputs.Targets))
        {
            throw GoesWith(option, other => other.Reads(Inputs.Targets), acquisition.Name);
        }
    }

    /// <summary>A sentence that lists the rules an option goes with.</summary>
    public static InputException GoesWith(string option, Func<IAcquisition, bool> uses, string rule) => new(
        $"{option} goes with {string.Join(", ", Strategy.Known.Where(known => uses(known.Acquisition)).Select(known => known.Name))}; "
        + $"by {rule} it does nothing. Leave it out.");

    private void RequireEveryPair(ParseResult parsed, string? drawing)
    {
        if ((parsed.GetValue(Pairs) is null ? drawing : Pairs.Name) is { } narrower)
        {
            throw new InputException($"{narrower} narrows the candidates, and {EveryPair.Name} looks at all pairs; leave one of them out.");
        }

        if (Constraints.Given(parsed) is { } constraint)
        {
            throw new InputException($"{constraint} goes with listed candidates, not with {EveryPair.Name}; leave one of them out.");
        }
    }
}
