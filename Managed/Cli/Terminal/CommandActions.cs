using System.CommandLine;

namespace FisherKernels.Cli.Terminal;

/// <summary>How commands do their work.</summary>
internal static class CommandActions
{
    /// <summary>Gives a command its work.</summary>
    /// <remarks>
    /// On another thread: Ctrl-C is listened for only once the action has returned its task, and work that is done before
    /// then is killed where it stands, in the middle of a file if that is where it is.
    /// </remarks>
    /// <param name="command">Gets the work.</param>
    /// <param name="work">Returns the exit code.</param>
    public static void Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> work) =>
        command.SetAction((parsed, cancellation) => Task.Run(() => work(parsed, cancellation), cancellation));
}
