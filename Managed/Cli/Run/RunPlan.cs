using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Files;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Cli.Run;

/// <summary>Who answers in a run.</summary>
internal enum AnnotatorKind
{
    /// <summary>Draws from σ of the golden reward gap.</summary>
    Golden,

    /// <summary>The larger golden reward wins.</summary>
    Exact,

    /// <summary>Labels that people gave.</summary>
    Recorded,
}

/// <summary>One strategy with one seed.</summary>
/// <param name="Strategy">What chooses.</param>
/// <param name="Seed">Of everything drawn.</param>
internal sealed record Cell(Strategy Strategy, int Seed)
{
    public string Name => FormattableString.Invariant($"{Strategy.Name}-seed{Seed}");
}

/// <summary>Everything that decides the numbers of a run; what is kept in a folder belongs to one plan.</summary>
/// <param name="Data">The files.</param>
/// <param name="Strategies">What is compared.</param>
/// <param name="Seeds">A repetition each.</param>
/// <param name="Rounds">Batches asked.</param>
/// <param name="Annotator">Who answers.</param>
/// <param name="Options">Of the learner; its strategy and seed are the cells'.</param>
internal sealed record RunPlan(
    DataFolder Data, IReadOnlyList<Strategy> Strategies, IReadOnlyList<int> Seeds, int Rounds, AnnotatorKind Annotator, SelectionOptions Options)
{
    public IEnumerable<Cell> Cells => Seeds.SelectMany(seed => Strategies.Select(strategy => new Cell(strategy, seed)));

    /// <summary>The plan in words that decide the numbers: not which strategies and seeds, nor how many rounds, which may grow.</summary>
    public string Fingerprint()
    {
        TrainingOptions training = Options.Training;
        return JsonSerializer.Serialize(
            new
            {
                data = Data.Name,
                files = ((string[])[Data.TrainEmbeddings, Data.TrainRewards, Data.TestEmbeddings, Data.TestRewards])
                    .Select(path => new { name = Path.GetFileName(path), bytes = new FileInfo(path).Length }),
                annotator = Annotator,
                batch = Options.BatchSize,
                ridge = Options.Ridge,
                scope = Options.Candidates.Scope,
                prompts = Options.Candidates.Prompts,
                candidates = Options.Candidates.Pairs,
                hidden = training.Hidden,
                activation = training.Activation,
                standardise = training.Standardise,
                steps = training.Steps,
                trainingBatch = training.BatchSize,
                learningRate = training.LearningRate,
                weightDecay = training.WeightDecay,
                dropout = training.Dropout,
                validation = training.Validation,
            },
            JsonText.Indented);
    }

    public SelectionOptions OptionsOf(Cell cell) => Options with { Strategy = cell.Strategy, Seed = cell.Seed };
}
