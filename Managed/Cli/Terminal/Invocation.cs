using System.CommandLine;
using System.CommandLine.Invocation;
using FisherKernels.Kernels;
using FisherKernels.Learning;

namespace FisherKernels.Cli.Terminal;

/// <summary>Runs the commands of a program and turns what can go wrong into a sentence and an exit code: 0 done, 1 failed, 2 bad
/// input.</summary>
public static class Invocation
{
    // Where an error came from is for those who mend it: shown on request only.
    private const string TraceName = "FISHER_TRACE";

    /// <summary>Runs one command.</summary>
    /// <param name="program">Its name, as it stands before what it says.</param>
    /// <param name="root">The commands there are.</param>
    /// <param name="arguments">What was typed.</param>
    /// <param name="output">Where to write.</param>
    public static async Task<int> RunAsync(string program, RootCommand root, IReadOnlyList<string> arguments, Output output)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(output);

        // @NAME is a file of that name here, not a file of further arguments.
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            Refuse(program, root, parsed, output);
            return 2;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = output.Out,
                Error = output.Error,

                // After Ctrl-C a round's file is still brought to its end.
                ProcessTerminationTimeout = TimeSpan.FromSeconds(60),
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            output.Error.WriteLine($"{program}: stopped.");
            return 1;
        }
        catch (Exception exception) when (exception is InputException or ArgumentException)
        {
            Report(Sentence(exception), exception);
            return 2;
        }
        catch (Exception exception) when (exception is FisherException or IOException or UnauthorizedAccessException)
        {
            Report(exception.Message, exception);
            return 1;
        }
        catch (OutOfMemoryException exception)
        {
            Report("there is not enough memory. Ask for less at a time: narrower --hidden layers, a smaller training batch, fewer "
                + "candidates.", exception);
            return 1;
        }
#pragma warning disable CA1031 // Whatever nobody foresaw: a person gets a sentence, and whoever mends it asks for the rest.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Report(
                $"this is a fault of the program, not of what you gave: {exception.GetType().Name}: {exception.Message} (the environment "
                + $"variable {TraceName}=1 shows where)",
                exception);
            return 1;
        }

        void Report(string sentence, Exception exception) => Say(output, $"{program}: {sentence}", exception);
    }

    private static void Say(Output output, string sentence, Exception exception)
    {
        output.Error.WriteLine(sentence);
        if (Environment.GetEnvironmentVariable(TraceName) == "1")
        {
            output.Error.WriteLine(exception);
        }
    }

    private static void Refuse(string program, RootCommand root, ParseResult parsed, Output output)
    {
        foreach (string message in parsed.Errors.Select(error => error.Message).Distinct())
        {
            output.Error.WriteLine($"{program}: {message}");
        }

        string command = parsed.CommandResult.Command == root ? program : $"{program} {parsed.CommandResult.Command.Name}";
        output.Error.WriteLine($"{program}: '{command} --help' lists what there is.");
    }

    // ArgumentException appends "(Parameter 'x')", which names a variable of ours and not an option of theirs.
    private static string Sentence(Exception exception) =>
        exception is ArgumentException { ParamName: { } name } argument
            ? argument.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal).Split('\n')[0]
            : exception.Message;
}
