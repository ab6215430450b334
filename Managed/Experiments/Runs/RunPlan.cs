using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Experiments.Runs;

/// <summary>Who answers in a run.</summary>
public enum AnnotatorKind
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
public sealed record Cell(Strategy Strategy, int Seed)
{
    /// <summary>STRATEGY-seedN, the name of the folder that its rounds are kept in.</summary>
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
public sealed record RunPlan(
    DataFolder Data,
    IReadOnlyList<Strategy> Strategies,
    IReadOnlyList<int> Seeds,
    int Rounds,
    AnnotatorKind Annotator,
    BackendKind Device,
    SelectionOptions Options)
{
    /// <summary>Each strategy with each seed, seed by seed.</summary>
    public IEnumerable<Cell> Cells => Seeds.SelectMany(seed => Strategies.Select(strategy => new Cell(strategy, seed)));

    /// <summary>The learner's options in a cell.</summary>
    /// <param name="cell">One of <see cref="Cells"/>.</param>
    public SelectionOptions OptionsOf(Cell cell) => Options with { Strategy = cell.Strategy, Seed = cell.Seed };

    /// <summary>The files that are read: of the annotators only one looks at labels.</summary>
    public IReadOnlyList<string> Files =>
    [
        Data.TrainEmbeddings, Data.TrainRewards, Data.TestEmbeddings, Data.TestRewards,
        .. Annotator == AnnotatorKind.Recorded && Data.TrainLabels is { } labels ? (string[])[labels] : [],
    ];
}
