using System.Collections.ObjectModel;
using System.CommandLine;
using FisherKernels.Learning;

namespace FisherKernels.Cli.Terminal;

/// <summary>How commands do their work.</summary>
public static class CommandActions
{
    /// <summary>Gives a command its work.</summary>
    /// <remarks>
    /// On another thread: Ctrl-C is listened for only once the action has returned its task, and work that is done before
    /// then is killed where it stands, in the middle of a file if that is where it is.
    /// </remarks>
    /// <param name="command">Gets the work.</param>
    /// <param name="work">Returns the exit code.</param>
    /// <param name="flags">Flags of this command by the names of <see cref="InputException.About"/>: an error that is about some
    /// says which they
    /// are. None when left out.</param>
    public static void Does(
        this Command command, Func<ParseResult, CancellationToken, Task<int>> work, IReadOnlyDictionary<string, string>? flags = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.SetAction(
            (parsed, cancellationToken) => Task.Run(
                () => RunAsync(work, flags ?? ReadOnlyDictionary<string, string>.Empty, parsed, cancellationToken), cancellationToken));
    }

    private static async Task<int> RunAsync(
        Func<ParseResult, CancellationToken, Task<int>> work,
        IReadOnlyDictionary<string, string> flags,
        ParseResult parsed,
        CancellationToken cancellationToken)
    {
        try
        {
            return await work(parsed, cancellationToken).ConfigureAwait(false);
        }
        catch (InputException exception) when (exception.About.Any(flags.ContainsKey))
        {
            string[] named = [.. exception.About.Where(flags.ContainsKey).Select(name => flags[name])];
            throw new InputException($"{exception.Message} ({string.Join(", ", named)})", exception);
        }
    }
}
