using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Cli.Commands;

/// <summary>The options of fisher run, and the plan that they name.</summary>
internal sealed class RunSettings
{
    private const int UsualBatch = 125, UsualRounds = 8, UsualSeeds = 16;

    private readonly Option<string?> _data = Ask.OptionalPath(
        "--data", "folder with embd_… and reward_… files of the splits train and test; the bundled caption contest when left out");

    private readonly Option<string?> _dataSet = new("--data-set")
    {
        Description = "which one, GEN_EMBED_TASK, where the folder has several",
    };

    private readonly Option<string> _strategies = StrategyOption.Create();
    private readonly Option<int> _seeds = Ask.Integer("--seeds", "repetitions, with seeds from --seed on", UsualSeeds);
    private readonly Option<int> _rounds = Ask.Integer("--rounds", "batches asked, the first at random", UsualRounds);
    private readonly Option<int> _batch = Ask.Integer("--batch", "pairs in a batch", UsualBatch);

    private readonly Option<AnnotatorKind> _annotator = Ask.OneOf(
        "--annotator",
        "golden: draws from the golden rewards; exact: the better one wins; recorded: labels of people",
        AnnotatorKind.Golden,
        ("golden", AnnotatorKind.Golden),
        ("exact", AnnotatorKind.Exact),
        ("recorded", AnnotatorKind.Recorded));

    private readonly Option<double> _ridge = Ask.Number("--ridge", "λ, prior precision of the head", 1e-6);
    private readonly CandidateSettings _candidates;
    private readonly TrainingSettings _training;

    /// <summary>Adds the options to a command.</summary>
    public RunSettings(Command command)
    {
        foreach (Option option in (Option[])
            [_data, _dataSet, _strategies, _seeds, _rounds, _batch, _annotator, _ridge, Folder, Resume])
        {
            command.Options.Add(option);
        }

        _candidates = new CandidateSettings(command);
        _training = new TrainingSettings(command, "--training-batch");
        Shared = new SharedOptions(command);
    }

    public Option<string?> Folder { get; } =
        Ask.OptionalPath("--out", "folder for rounds and results; a new one under runs when left out");

    public Option<bool> Resume { get; } = new("--resume")
    {
        Description = "go on with the rounds kept in --out, or in the folder under runs that was worked on last",
    };

    public SharedOptions Shared { get; }

    /// <summary>What a message of the library is about, and the option that says it.</summary>
    public Dictionary<string, string> Names => new()
    {
        [nameof(RunPlan.Strategies)] = _strategies.Name,
        [nameof(RunPlan.Rounds)] = _rounds.Name,
        [nameof(RunPlan.Annotator)] = _annotator.Name,
        [nameof(SelectionOptions.BatchSize)] = _batch.Name,
        [nameof(CandidateOptions.Pairs)] = "--candidates",
        [nameof(CandidateOptions.Scope)] = "--scope",
        [nameof(TrainingOptions.Dropout)] = "--dropout",
        ["folder"] = Folder.Name,
        ["resume"] = Resume.Name,
    };

    /// <summary>What to run, and where.</summary>
    /// <exception cref="InputException">An option's value, or options that do not go together.</exception>
    public (RunPlan Plan, DeviceFound On) Plan(ParseResult parsed)
    {
        int firstSeed = Shared.Seed(parsed);
        DeviceFound on = Shared.FindDevice(parsed);
        var plan = new RunPlan(
            DataFolder.Open(
                parsed.GetValue(_data) ?? Path.Combine(AppContext.BaseDirectory, "Data", "caption_contest"), parsed.GetValue(_dataSet)),
            StrategyOption.Read(parsed.GetRequiredValue(_strategies)),
            Shared.Seeds(parsed, _seeds),
            Ask.Positive(_rounds.Name, parsed.GetValue(_rounds)),
            parsed.GetValue(_annotator),
            on.Kind,
            new SelectionOptions
            {
                BatchSize = Ask.Positive(_batch.Name, parsed.GetValue(_batch)),
                Ridge = Ask.Ridge(parsed.GetValue(_ridge)),
                Candidates = _candidates.Read(parsed),
                Training = _training.Read(parsed, firstSeed),
            });
        RequireRidge(parsed, plan.Strategies);
        return (plan, on);
    }

    private void RequireRidge(ParseResult parsed, IReadOnlyList<Strategy> strategies)
    {
        if (Ask.IsGiven(parsed, _ridge) && !strategies.Any(strategy => strategy.Acquisition.Reads(Inputs.Ridge)))
        {
            throw SelectSettings.GoesWith(
                _ridge.Name,
                acquisition => acquisition.Reads(Inputs.Ridge),
                string.Join(" and ", strategies.Select(strategy => strategy.Name)));
        }
    }
}
