using System.Diagnostics;
using Spectre.Console;

namespace FisherKernels.Cli.Terminal;

/// <summary>Long work, shown: a bar on a terminal, now and then a plain line where the output is piped.</summary>
public static class ProgressDisplay
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    /// <summary>Does the work and shows how far it is.</summary>
    /// <param name="output">Where to show it.</param>
    /// <param name="name">What is done.</param>
    /// <param name="total">How much there is to do, in the unit of what is reported.</param>
    /// <param name="work">Told where to report: how much is done, and a few words.</param>
    public static Task<T> ShowAsync<T>(Output output, string name, double total, Func<Action<double, string>, T> work) =>
        ShowAsync(output, name, total, 0, work);

    /// <summary>Goes on with work of which a part was done before.</summary>
    /// <param name="output">Where to show it.</param>
    /// <param name="name">What is done.</param>
    /// <param name="total">How much there is to do, that part included.</param>
    /// <param name="before">That part, which says nothing about how fast the rest goes.</param>
    /// <param name="work">Told where to report: how much is done, that part included, and a few words.</param>
    public static async Task<T> ShowAsync<T>(Output output, string name, double total, double before, Func<Action<double, string>, T> work)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(work);
        if (output.IsTerminal)
        {
            IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output.Error) });

            // A line that breaks is no line: the bar gives way first, then the words. 18: percentage, time and what lies between.
            int bar = Math.Clamp(console.Profile.Width - 78, 8, 40), room = Math.Max(console.Profile.Width - bar - 18, name.Length);
            return await console.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = bar },
                    new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(async context =>
                {
                    ProgressTask task = context.AddTask(name, maxValue: Math.Max(total - before, 1));
                    T result = await Task.Run(() => work((done, words) =>
                    {
                        task.Value = done - before;
                        string said = $"{name}: {words}";
                        task.Description = Markup.Escape(said.Length <= room ? said : $"{said[..(room - 1)]}…");
                    })).ConfigureAwait(false);
                    task.Value = task.MaxValue;
                    return result;
                }).ConfigureAwait(false);
        }

        var clock = Stopwatch.StartNew();
        TimeSpan last = TimeSpan.Zero;
        return await Task.Run(() => work((done, words) =>
        {
            if (clock.Elapsed - last >= BetweenLines)
            {
                last = clock.Elapsed;
                output.Error.WriteLine(FormattableString.Invariant(
                    $"{name} {done:G6}/{total:G6}, {Left(last * ((total - done) / Math.Max(done - before, 1e-9)))} left: {words}"));
            }
        })).ConfigureAwait(false);
    }

    private static string Left(TimeSpan time) =>
        time < TimeSpan.FromMinutes(2) ? FormattableString.Invariant($"{Math.Max(time.TotalSeconds, 0):F0} s")
        : time < TimeSpan.FromHours(2) ? FormattableString.Invariant($"{time.TotalMinutes:F0} min")
        : FormattableString.Invariant($"{time.TotalHours:F1} h");
}
