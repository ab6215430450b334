using System.Globalization;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Cli.Terminal;

/// <summary>Runs of the simulated loop, shown while they go on.</summary>
public static class RunProgress
{
    /// <summary>Goes on with every cell of some jobs until it has its rounds, and shows how far they are.</summary>
    /// <param name="output">Where to show it.</param>
    /// <param name="jobs">What to run; rounds kept in their folders are not run again.</param>
    /// <param name="on">Where to compute.</param>
    /// <param name="cancellationToken">Stops between the steps of a round; finished rounds are kept.</param>
    public static async Task ShowAsync(Output output, IReadOnlyList<RunJob> jobs, DeviceFound on, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(on);
        ArgumentNullException.ThrowIfNull(jobs);
        int done = jobs.Sum(job => job.Results().Sum(cell => Math.Min(cell.Rounds.Count, job.Plan.Rounds)));
        int total = jobs.Sum(job => job.Plan.Rounds * job.Plan.Cells.Count());
        await ProgressDisplay.ShowAsync(output, "rounds", total, done, report =>
        {
            var gate = new Lock();
            new Runner(jobs).RunAsync(
                on.Kind,
                on.Threads,
                (job, cell, round) =>
                {
                    string which = jobs.Count > 1 ? $"{job.Folder.Name}, " : "";
                    lock (gate)
                    {
                        report(++done, string.Create(CultureInfo.InvariantCulture,
                            $"{which}{cell.Strategy.Name} seed {cell.Seed}, {round.Labels} labels: 1 − ρ = "
                            + $"{RunTable.Text(round.Evaluation.OneMinusSpearman)}"));
                    }
                },
                cancellationToken).GetAwaiter().GetResult();
            return done;
        }).ConfigureAwait(false);
    }
}
