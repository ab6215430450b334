using System.Diagnostics;
using Spectre.Console;

namespace FisherKernels.Cli;

/// <summary>Long work, shown: a bar on a terminal, now and then a plain line where the output is piped.</summary>
internal static class ProgressDisplay
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    /// <summary>Does the work and shows how far it is.</summary>
    /// <param name="output">Where to show it.</param>
    /// <param name="name">What is done.</param>
    /// <param name="total">How much there is to do, in the unit of what is reported.</param>
    /// <param name="work">Told where to report: how much is done, and a few words.</param>
    public static async Task<T> ShowAsync<T>(Output output, string name, double total, Func<Action<double, string>, T> work)
    {
        if (output.IsTerminal)
        {
            IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output.Error) });
            return await console.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(async context =>
                {
                    ProgressTask task = context.AddTask(name, maxValue: Math.Max(total, 1));
                    T result = await Task.Run(() => work((done, words) =>
                    {
                        task.Value = done;
                        task.Description = Markup.Escape($"{name}: {words}");
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
                output.Error.WriteLine(FormattableString.Invariant($"{name} {done:G6}/{total:G6}: {words}"));
            }
        })).ConfigureAwait(false);
    }
}
