using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Experiments.Runs;

/// <summary>What of a run may stand in one table or figure: rounds at one number of labels, of the same seeds for every strategy.</summary>
/// <param name="Strategies">Those with a round, in the order asked for.</param>
/// <param name="Seeds">Those of which each of these strategies has a round, ascending.</param>
/// <param name="Labels">Labels after each round that all of these cells have.</param>
public sealed record CommonRounds(IReadOnlyList<string> Strategies, IReadOnlyList<int> Seeds, IReadOnlyList<int> Labels)
{
    /// <summary>How many rounds all have.</summary>
    public int Rounds => Labels.Count;

    /// <summary>What the cells of a plan have in common.</summary>
    public static CommonRounds From(RunPlan plan, IReadOnlyList<CellResult> cells)
    {
        CellResult[] begun = [.. cells.Where(cell => cell.Rounds.Count > 0)];
        string[] strategies =
            [.. plan.Strategies.Select(strategy => strategy.Name).Where(name => begun.Any(cell => cell.Cell.Strategy.Name == name))];
        int[] seeds = [.. plan.Seeds.Order().Where(seed => strategies.All(
            name => begun.Any(cell => cell.Cell.Seed == seed && cell.Cell.Strategy.Name == name)))];
        var common = new CommonRounds(strategies, seeds, []);
        return common with { Labels = LabelsOf([.. begun.Where(common.Has).Select(cell => cell.Rounds)], plan.Rounds) };
    }

    /// <summary>Labels after each of the first rounds, as far as all cells have them and agree; empty for no cells.</summary>
    /// <param name="cells">Rounds of each, in order.</param>
    /// <param name="most">Rounds at most.</param>
    public static IReadOnlyList<int> LabelsOf(IReadOnlyList<IReadOnlyList<SimulationRound>> cells, int most = int.MaxValue) =>
        cells.Count == 0 ? [] :
    [
        .. Enumerable.Range(0, Math.Min(most, cells.Min(rounds => rounds.Count)))
            .TakeWhile(round => cells.All(rounds => rounds[round].Labels == cells[0][round].Labels))
            .Select(round => cells[0][round].Labels),
    ];

    /// <summary>Whether a cell is among those compared.</summary>
    public bool Has(CellResult cell) => Strategies.Contains(cell.Cell.Strategy.Name) && Seeds.Contains(cell.Cell.Seed);
}
