using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Files;
using FisherKernels.Learning.Loop;

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

/// <summary>Everything that decides the numbers of a run; what is kept in a folder belongs to one plan (<see cref="PlanFile"/>).</summary>
/// <param name="Data">The files.</param>
/// <param name="Strategies">What is compared.</param>
/// <param name="Seeds">A repetition each.</param>
/// <param name="Rounds">Batches asked.</param>
/// <param name="Annotator">Who answers.</param>
/// <param name="Device">What computes; never <see cref="BackendKind.Auto"/>.</param>
/// <param name="Options">Of the learner; its strategy and seed are the cells'.</param>
internal sealed record RunPlan(
    DataFolder Data,
    IReadOnlyList<Strategy> Strategies,
    IReadOnlyList<int> Seeds,
    int Rounds,
    AnnotatorKind Annotator,
    BackendKind Device,
    SelectionOptions Options)
{
    public IEnumerable<Cell> Cells => Seeds.SelectMany(seed => Strategies.Select(strategy => new Cell(strategy, seed)));

    public SelectionOptions OptionsOf(Cell cell) => Options with { Strategy = cell.Strategy, Seed = cell.Seed };

    /// <summary>The files that are read: of the annotators only one looks at labels.</summary>
    public IReadOnlyList<string> Files =>
    [
        Data.TrainEmbeddings, Data.TrainRewards, Data.TestEmbeddings, Data.TestRewards,
        .. Annotator == AnnotatorKind.Recorded && Data.TrainLabels is { } labels ? (string[])[labels] : [],
    ];
}
