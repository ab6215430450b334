using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Cli.Commands;

/// <summary>The options of fisher select, and which of them do not go together.</summary>
internal sealed class SelectSettings
{
    private static readonly string[] OfEveryPair = ["padopt", "padopt+greedy", "padopt+exchange"];

    /// <summary>Adds the options to a command.</summary>
    public SelectSettings(Command command)
    {
        foreach (Option option in (Option[])[Embeddings, PromptIds, Rule, Batch, Pairs, EveryPair, Labelled, Targets, Ridge, Out])
        {
            command.Options.Add(option);
        }

        Model = new ModelOption(command, "trained model: .safetensors; only random does without", required: false);
        Candidates = new CandidateSettings(command);
        Demands = new DemandSettings(command);
        Shared = new SharedOptions(command);
    }

    public Option<string> Embeddings { get; } = Ask.Path("--embeddings", ".npy, responses × D or prompts × responses × D");

    public Option<string?> PromptIds { get; } = Ask.OptionalPath(
        "--prompt-ids", ".npy of R whole numbers, the prompt of each row of an (R, D) file; without it such a file is one prompt");

    public ModelOption Model { get; }

    public Option<string> Rule { get; } = new("--rule", "--strategy")
    {
        Description = $"strategy: {string.Join(", ", Acquisitions.All.Select(strategy => strategy.Name))}; NAME takes the best scores, NAME+sample or NAME+power=β draw in proportion to scoreᵝ, NAME+softmax=β to e^(β·score); dopt, padopt and xtx also go with {string.Join(", ", BatchOptimisers.All.Skip(1).Select(optimiser => "+" + optimiser.Name))}, which optimise the batch as a whole",
        DefaultValueFactory = _ => "padopt",
    };

    public Option<int> Batch { get; } = Ask.Whole("--batch", "pairs to choose; with --budget only where it is given, and then both limit", 500);

    public Option<string?> Pairs { get; } = Ask.OptionalPath(
        "--pairs", ".npy of candidate pairs, n × 2 row numbers, each taken once; drawn from the pool when left out");

    public Option<bool> EveryPair { get; } = new("--every-pair")
    {
        Description = $"look at every pair of all responses, at most {Backend.MostResponsesOfAllPairs}, instead of drawn candidates; for padopt, padopt+greedy and padopt+exchange; padopt is dopt as long as nothing is labelled",
    };

    public Option<string?> Labelled { get; } = Ask.OptionalPath(
        "--labelled", ".npy of pairs already labelled, m × 2: left out of the candidates, and the past of the rules that look at it");

    public Option<string?> Targets { get; } = Ask.OptionalPath(
        "--targets", ".npy of what vopt and gopt are to predict well: n × 2 pairs, or n responses for all their pairs; the candidates when left out");

    public Option<double> Ridge { get; } = Ask.Number("--ridge", "λ, prior precision of the head, for rules of information", 1e-6);

    public Option<string> Out { get; } = Ask.Path("--out", "where the pairs go: NAME or NAME.npy, and NAME.jsonl beside it");

    public CandidateSettings Candidates { get; }

    public DemandSettings Demands { get; }

    public SharedOptions Shared { get; }

    /// <summary>Refuses options that would do nothing beside the others.</summary>
    /// <exception cref="InputException">Names the option and what it goes with.</exception>
    public void RequireUse(ParseResult parsed, Strategy strategy)
    {
        string? drawing = Candidates.Given(parsed);
        if (parsed.GetValue(EveryPair))
        {
            RequireEveryPair(parsed, strategy, drawing);
        }
        else if (parsed.GetValue(Pairs) is not null && drawing is not null)
        {
            throw new InputException($"{drawing} says how candidates are drawn, and {Pairs.Name} lists them; leave one of them out.");
        }

        RequireTargets(parsed.GetValue(Targets) is not null, Targets.Name, strategy.Acquisition);
        if (Ask.IsGiven(parsed, Ridge) && !strategy.Acquisition.NeedsRidge)
        {
            throw GoesWith(Ridge.Name, acquisition => acquisition.NeedsRidge, strategy.Name);
        }

        Demands.RequireUse(parsed, strategy);
    }

    /// <summary>Refuses targets that a rule does not look at.</summary>
    /// <exception cref="InputException">It does not.</exception>
    public static void RequireTargets(bool given, string option, IAcquisition acquisition)
    {
        if (given && !acquisition.NeedsTargets)
        {
            throw GoesWith(option, other => other.NeedsTargets, acquisition.Name);
        }
    }

    /// <summary>A sentence that lists the rules an option goes with.</summary>
    public static InputException GoesWith(string option, Func<IAcquisition, bool> uses, string rule) => new(
        $"{option} goes with {string.Join(", ", Acquisitions.All.Where(uses).Select(other => other.Name))}; by {rule} it does nothing. Leave it out.");

    private void RequireEveryPair(ParseResult parsed, Strategy strategy, string? drawing)
    {
        if ((parsed.GetValue(Pairs) is null ? drawing : Pairs.Name) is { } narrower)
        {
            throw new InputException($"{narrower} narrows the candidates, and {EveryPair.Name} looks at all pairs; leave one of them out.");
        }

        if (Demands.Given(parsed) is { } demand)
        {
            throw new InputException($"{demand} goes with listed candidates, not with {EveryPair.Name}; leave one of them out.");
        }

        if (!OfEveryPair.Contains(strategy.Name))
        {
            throw new InputException(
                $"{EveryPair.Name} goes with padopt, padopt+greedy and padopt+exchange, not with {strategy.Name}; leave it out, or --rule.");
        }
    }
}
