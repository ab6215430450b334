using System.CommandLine;
using System.Globalization;
using FisherKernels.Cli.Terminal;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Bench.Experiments.Curves;

/// <summary>The options of bench curves, and the grid that they name.</summary>
internal sealed class CurvesSettings
{
    private const int UsualLabels = 10_000, UsualSeeds = 5;

    private readonly Option<int?> _figure = new("--figure")
    {
        Description = "the settings and data sets of a figure of the paper, 3 to 22; what else is given goes before",
    };

    private readonly Option<string> _strategies = StrategyOption.Create();
    private readonly Option<string> _scopes = List("--scopes", "in-prompt, cross-prompt", "in-prompt");
    private readonly Option<string> _batches = List("--batches", "pairs asked in a round", "500");
    private readonly Option<string> _prompts = List("--prompts", "prompts drawn in a round", "500");
    private readonly Option<string> _widths = List("--widths", "of each of the three hidden layers", "64");
    private readonly Option<string> _stops =
        List("--stops", "when training ends: early, or after so many steps on all labels", "early");

    private readonly Option<int> _labels =
        Ask.Integer("--labels", "annotations in all; the last batch is a whole one", UsualLabels);

    private readonly Option<int> _seeds = Ask.Integer("--seeds", "repetitions, with seeds from --seed on", UsualSeeds);

    private readonly Option<AnnotatorKind> _annotator = Ask.OneOf(
        "--annotator", "who answers, as of fisher run", AnnotatorKind.Golden,
        ("golden", AnnotatorKind.Golden), ("exact", AnnotatorKind.Exact), ("recorded", AnnotatorKind.Recorded));

    private readonly Option<double> _ridge = Ask.Number("--ridge", "λ, prior precision of the head", 1e-6);

    private readonly Option<double> _dropout = Ask.Number(
        "--dropout", "chance of a hidden number to be left out of a training step; above 0 for bald-dropout", 0);

    /// <summary>Adds the options to a command.</summary>
    public CurvesSettings(Command command)
    {
        foreach (Option option in (Option[])
            [_figure, Data, DataSets, _strategies, _scopes, _batches, _prompts, _widths, _stops, _labels, _seeds, _annotator, _ridge,
                _dropout, Folder])
        {
            command.Options.Add(option);
        }

        Shared = new SharedOptions(command);
    }

    public Option<string[]> Data { get; } = new("--data")
    {
        Description = "folders with data sets; the bundled one when left out",
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<string[]> DataSets { get; } = new("--data-set")
    {
        Description = "which ones, GEN_EMBED_TASK; all of them, or those of the figure, when left out",
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<string> Folder { get; } = Ask.Path("--out", "folder of the grid; the same command again goes on with what is there");

    public SharedOptions Shared { get; }

    /// <summary>What a message of the library is about, and the option that says it.</summary>
    public Dictionary<string, string> Names => new()
    {
        [nameof(RunPlan.Strategies)] = _strategies.Name,
        [nameof(RunPlan.Rounds)] = _labels.Name,
        [nameof(RunPlan.Annotator)] = _annotator.Name,
        [nameof(SelectionOptions.BatchSize)] = _batches.Name,
        [nameof(CandidateOptions.Scope)] = _scopes.Name,
        [nameof(TrainingOptions.Dropout)] = _dropout.Name,
        ["folder"] = Folder.Name,
    };

    /// <summary>The settings of a figure of the paper, or null.</summary>
    public Preset? Preset(ParseResult parsed) => parsed.GetValue(_figure) is int number ? Curves.Preset.Of(number) : null;

    /// <summary>What is given, then what the figure has, then the defaults.</summary>
    /// <exception cref="InputException">A value that no run can have, or one twice.</exception>
    public Grid Grid(ParseResult parsed, Preset? preset, BackendKind device) => new(
        StrategyOption.Read(Given(parsed, _strategies) ?? preset?.Strategies ?? parsed.GetRequiredValue(_strategies)),
        Shared.Seeds(parsed, _seeds),
        Ask.Positive(_labels.Name, parsed.GetValue(_labels)),
        parsed.GetValue(_annotator),
        device,
        Ask.Ridge(parsed.GetValue(_ridge)))
    {
        Scopes = Several(parsed, _scopes, preset?.Scopes, Scope),
        Batches = Several(parsed, _batches, preset?.Batches, text => Positive(_batches, text)),
        Prompts = Several(parsed, _prompts, preset?.Prompts, text => Positive(_prompts, text)),
        Widths = Several(parsed, _widths, preset?.Widths, text => Positive(_widths, text)),
        Stops = Several(parsed, _stops, null, Stopping.Parse),
        Dropout = parsed.GetValue(_dropout) is var share and >= 0 and < 1
            ? share
            : throw new InputException(
                FormattableString.Invariant($"--dropout is {parsed.GetValue(_dropout)}; it must be at least 0 and less than 1.")),
    };

    private static string? Given(ParseResult parsed, Option<string> option) =>
        parsed.GetResult(option) is { Implicit: false } ? parsed.GetRequiredValue(option) : null;

    private static IReadOnlyList<T> Several<T>(
        ParseResult parsed, Option<string> option, IReadOnlyList<T>? ofFigure, Func<string, T> read)
    {
        if (Given(parsed, option) is not { } text)
        {
            return ofFigure ?? [read(parsed.GetRequiredValue(option))];
        }

        T[] values = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(read)];
        return values.Distinct().Count() == values.Length
            ? values : throw new InputException($"{option.Name} '{text}' has one twice.");
    }

    private static Option<string> List(string name, string description, string usual) =>
        new(name) { Description = $"{description}; several with commas between them", DefaultValueFactory = _ => usual };

    private static CandidateScope Scope(string text) => text switch
    {
        "in-prompt" => CandidateScope.InPrompt,
        "cross-prompt" => CandidateScope.CrossPrompt,
        _ => throw new InputException($"--scopes has '{text}'; expected in-prompt or cross-prompt."),
    };

    private static int Positive(Option option, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0
            ? value
            : throw new InputException($"{option.Name} has '{text}'; expected whole numbers of at least 1 with commas between them.");
}
