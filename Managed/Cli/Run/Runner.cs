using FisherKernels.Kernels;
using FisherKernels.Learning.Loop;

namespace FisherKernels.Cli.Run;

/// <summary>Runs the cells of a plan: one cell a core on the CPU, one after the other on a device.</summary>
internal sealed class Runner(RunPlan plan, DataSet data, RunFolder folder)
{
    /// <summary>Goes on until every cell has its rounds; what was done before a cancellation or an error is kept.</summary>
    /// <param name="kind">Where to compute.</param>
    /// <param name="threads">On the CPU: cells at a time, and what is left over for each of them. At least 1.</param>
    /// <param name="report">Told after each round; may be called from several threads.</param>
    /// <param name="cancellation">Stops between the steps of a round.</param>
    public async Task RunAsync(BackendKind kind, int threads, Action<Cell, SimulationRound> report, CancellationToken cancellation)
    {
        bool together = kind == BackendKind.Cpu;
        int atATime = together ? Math.Min(threads, plan.Cells.Count()) : 1;
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = atATime,
            CancellationToken = cancellation,
        };
        using Backend? device = together ? null : Backend.Open(kind);
        await Parallel.ForEachAsync(plan.Cells, options, async (cell, token) =>
        {
            using Backend? own = together ? Backend.Open(BackendKind.Cpu, threads / atATime) : null;
            await Simulation(cell, own ?? device!).RunAsync(plan.Rounds, round => report(cell, round), token).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>The rounds kept so far.</summary>
    public IReadOnlyList<CellResult> Results()
    {
        using var cpu = Backend.Open(BackendKind.Cpu, threads: 1);
        return [.. plan.Strategies
            .SelectMany(strategy => plan.Seeds.Order().Select(seed => new Cell(strategy, seed)))
            .Select(cell => (Cell: cell, Kept: Simulation(cell, cpu)))
            .Select(entry => new CellResult(entry.Cell, entry.Kept.Rounds, entry.Kept.Seconds))];
    }

    private Simulation Simulation(Cell cell, Backend backend) => new(
        folder.Of(cell),
        backend,
        new ActiveLearner(backend, data.Train, plan.OptionsOf(cell), data.Standardisation),
        data.Annotator(cell.Seed),
        data.HeldOut);
}
