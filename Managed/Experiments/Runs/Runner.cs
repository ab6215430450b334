using FisherKernels.Experiments.Loop;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Experiments.Runs;

/// <summary>A plan, what it is run on, and where its rounds are kept.</summary>
/// <param name="Plan">What to run.</param>
/// <param name="Data">Opened for this plan; other jobs may share it.</param>
/// <param name="Folder">Opened for this plan, and for no other.</param>
public sealed record RunJob(RunPlan Plan, DataSet Data, RunFolder Folder)
{
    /// <summary>The rounds kept so far, cell by cell.</summary>
    /// <exception cref="InputException">A journal is damaged, of a later version, or measured on other data.</exception>
    /// <exception cref="IOException">A journal cannot be read; another process adds rounds to it, for example.</exception>
    public IReadOnlyList<CellResult> Results() => [.. Plan.Strategies
        .SelectMany(strategy => Plan.Seeds.Order().Select(seed => Read(new Cell(strategy, seed))))];

    /// <summary>Writes what is made of the rounds kept so far, and gives it back.</summary>
    public RunResults Save()
    {
        var results = new RunResults(Plan, Data.HeldOut.BestOfSizes, Results());
        results.Save(Folder);
        return results;
    }

    /// <summary>The loop of a cell, with the rounds of it that are kept.</summary>
    /// <param name="cell">One of the plan's.</param>
    /// <param name="backend">Where to compute; stays the caller's.</param>
    public Simulation Simulation(Cell cell, Backend backend) => new(
        Folder.CellPath(cell),
        backend,
        new ActiveLearner(backend, Data.Train, Plan.OptionsOf(cell), Data.Standardisation),
        Data.Annotator(cell.Seed),
        Data.HeldOut);

    private CellResult Read(Cell cell)
    {
        var kept = RoundFolder.Read(Folder.CellPath(cell));
        kept.RequireOf(cell.Strategy.Name, cell.Seed);
        return kept.Rounds.FirstOrDefault(round => round.Evaluation.BestOfN.Length != Data.HeldOut.BestOfSizes.Count) is { } other
            ? throw kept.Damaged(other.Round, "lacks a part of its round")
            : new CellResult(cell, kept.Rounds, kept.Seconds);
    }
}

/// <summary>Runs the cells of jobs: one cell a core on the CPU, one after the other on a device.</summary>
public sealed class Runner(IReadOnlyList<RunJob> jobs)
{
    // By seed first: what a run that is stopped has kept then compares strategies and settings on the same seeds.
    private readonly (RunJob Job, Cell Cell)[] _cells = [.. jobs
        .SelectMany(job => job.Plan.Cells.Select((cell, j) => (Job: job, Cell: cell, Repetition: j / job.Plan.Strategies.Count)))
        .OrderBy(entry => entry.Repetition)
        .Select(entry => (entry.Job, entry.Cell))];

    /// <summary>Goes on until every cell has its rounds; what was done before a cancellation or an error is kept.</summary>
    /// <param name="kind">Where to compute.</param>
    /// <param name="threads">On the CPU: cells at a time, and what is left over for each of them. At least 1.</param>
    /// <param name="report">Told after each round; may be called from several threads.</param>
    /// <param name="cancellationToken">Stops between the steps of a round.</param>
    public async Task RunAsync(
        BackendKind kind, int threads, Action<RunJob, Cell, SimulationRound> report, CancellationToken cancellationToken)
    {
        bool together = kind == BackendKind.Cpu;
        int atATime = together ? Math.Min(threads, _cells.Length) : 1;
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = atATime,
            CancellationToken = cancellationToken,
        };
        using Backend? device = together ? null : Backend.Open(kind);
        await Parallel.ForEachAsync(_cells, options, async (entry, token) =>
        {
            (RunJob job, Cell cell) = entry;
            using Backend? own = together ? Backend.Open(BackendKind.Cpu, threads / atATime) : null;
            await job.Simulation(cell, own ?? device!).RunAsync(job.Plan.Rounds, round => report(job, cell, round), token)
                .ConfigureAwait(false);
        }).ConfigureAwait(false);
    }
}
