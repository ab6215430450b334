using System.Globalization;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Curves;

/// <summary>What a grid goes over: a run for each combination of its settings, named after them.</summary>
/// <param name="Strategies">Compared in every run.</param>
/// <param name="Seeds">A repetition each.</param>
/// <param name="Labels">Annotations asked for in all; a run has as many rounds as make so many, the last batch whole.</param>
/// <param name="Annotator">Who answers.</param>
/// <param name="Device">What computes.</param>
/// <param name="Ridge">λ.</param>
internal sealed record Grid(
    IReadOnlyList<Strategy> Strategies, IReadOnlyList<int> Seeds, int Labels, AnnotatorKind Annotator, BackendKind Device, double Ridge)
{
    /// <summary>In prompts, across them.</summary>
    public required IReadOnlyList<CandidateScope> Scopes { get; init; }

    /// <summary>Pairs asked in a round.</summary>
    public required IReadOnlyList<int> Batches { get; init; }

    /// <summary>Prompts drawn in a round.</summary>
    public required IReadOnlyList<int> Prompts { get; init; }

    /// <summary>Of each of the three hidden layers.</summary>
    public required IReadOnlyList<int> Widths { get; init; }

    /// <summary>When training ends.</summary>
    public required IReadOnlyList<Stopping> Stops { get; init; }

    /// <summary>Chance of a hidden number to be left out of a training step.</summary>
    public double Dropout { get; init; }

    /// <summary>The runs on one data set, each with its name.</summary>
    /// <param name="data">The files.</param>
    /// <param name="prompts">How many there are to learn from; of several settings that draw them all, the first stands for the
    /// others.</param>
    public IEnumerable<(string Name, RunPlan Plan)> Of(DataFolder data, int prompts) =>
        from scope in Scopes
        from batch in Batches
        from drawn in Prompts.DistinctBy(drawn => Math.Min(drawn, prompts))
        from width in Widths
        from stop in Stops
        select (
            string.Create(CultureInfo.InvariantCulture,
                $"{data.Name}-{(scope == CandidateScope.InPrompt ? "in" : "cross")}-batch{batch}-prompts{drawn}"
                + $"-width{width}-stop{stop.Name}"),
            new RunPlan(data, Strategies, Seeds, (Labels + batch - 1) / batch, Annotator, Device, new SelectionOptions
            {
                BatchSize = batch,
                Ridge = Ridge,
                Candidates = new CandidateOptions { Scope = scope, Prompts = drawn },
                Training = stop.Of(new TrainingOptions { Hidden = [width, width, width], Dropout = Dropout }),
            }));
}
