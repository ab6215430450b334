using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Cli.Commands;

/// <summary>The options of fisher score, and which of them do not go together.</summary>
internal sealed class ScoreSettings
{
    /// <summary>Adds the options to a command.</summary>
    public ScoreSettings(Command command)
    {
        foreach (Option option in (Option[])[Rule, Features, Pairs, Head, Draws, Past, Targets, RidgeOption, Out])
        {
            command.Options.Add(option);
        }

        Shared = new SharedOptions(command);
    }

    public Option<string> Rule { get; } = new("--rule")
    {
        Description = $"strategy: {string.Join(", ", Strategy.Known.Select(strategy => strategy.Name))}",
        Required = true,
    };

    public Option<string> Features { get; } = Ask.Path("--features", ".npy of Φ, responses × d");

    public Option<string> Pairs { get; } = Ask.Path("--pairs", ".npy of candidate pairs, n × 2 row numbers");

    public Option<string?> Head { get; } = Ask.OptionalPath("--head", ".npy of β, d numbers; needed by every rule that looks at rewards");

    public Option<string?> Draws { get; } = Ask.OptionalPath(
        "--draws",
        ".npy of rewards under dropout masks, responses × masks; needed by "
        + string.Join(" and ", Strategy.Known.Where(known => known.Acquisition.Reads(Inputs.MaskedRewards)).Select(known => known.Name)));

    public Option<string?> Past { get; } = Ask.OptionalPath("--past", ".npy of pairs labelled so far, m × 2 row numbers");

    public Option<string?> Targets { get; } = Ask.OptionalPath(
        "--targets",
        ".npy of what vopt and gopt are to predict well: n × 2 pairs, or n responses for all their pairs; the candidates when left out");

    public Option<double> RidgeOption { get; } = Ask.Number("--ridge", "λ, prior precision of the head", 1e-6);

    public Option<string> Out { get; } = Ask.Path("--out", "where the scores go: .npy, n float64");

    public SharedOptions Shared { get; }

    /// <summary>The score that was named, once no option is found that it does nothing with.</summary>
    /// <exception cref="InputException">Names the option and what it goes with.</exception>
    public IAcquisition Acquisition(ParseResult parsed)
    {
        string name = parsed.GetRequiredValue(Rule);
        IAcquisition acquisition = name.Contains('+', StringComparison.Ordinal)
            ? throw new InputException(
                $"{Rule.Name} is {name}: what stands behind a + takes a batch, and here every pair is scored; leave it out.")
            : Strategy.Parse(name).Acquisition;
        SelectSettings.RequireTargets(parsed.GetValue(Targets) is not null, Targets.Name, acquisition);
        return parsed.GetValue(Draws) is null || acquisition.Reads(Inputs.MaskedRewards)
            ? acquisition
            : throw SelectSettings.GoesWith(Draws.Name, other => other.Reads(Inputs.MaskedRewards), acquisition.Name);
    }
}
