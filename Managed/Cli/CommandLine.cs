using System.CommandLine;
using System.CommandLine.Invocation;
using FisherKernels.Cli.Commands;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;

namespace FisherKernels.Cli;

/// <summary>The command line as a function: arguments in, text out, an exit code back. 0 done, 1 failed, 2 bad input.</summary>
public static class CommandLine
{
    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Output output)
    {
        ArgumentNullException.ThrowIfNull(output);

        // Native where the application was built with it (-p:UseMkl=true); managed otherwise, and nothing depends on which.
        MathNet.Numerics.Control.TryUseNativeMKL();
        var root = new RootCommand("fisher: which two answers should a person compare next?");
        root.Subcommands.Add(RunCommand.Create(output));
        root.Subcommands.Add(TrainCommand.Create(output));
        root.Subcommands.Add(SelectCommand.Create(output));
        root.Subcommands.Add(ScoreCommand.Create(output));
        root.Subcommands.Add(EvaluateCommand.Create(output));
        root.Subcommands.Add(DevicesCommand.Create(output));
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (string message in parsed.Errors.Select(error => error.Message).Distinct())
            {
                output.Error.WriteLine($"fisher: {message}");
            }

            output.Error.WriteLine($"fisher: 'fisher {parsed.CommandResult.Command.Name} --help' lists what there is.".Replace("fisher fisher ", "fisher ", StringComparison.Ordinal));
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
            output.Error.WriteLine("fisher: stopped.");
            return 1;
        }
        catch (Exception exception) when (exception is InputException or ArgumentException)
        {
            output.Error.WriteLine($"fisher: {Sentence(exception)}");
            return 2;
        }
        catch (Exception exception) when (exception is SingularInformationException or DeviceUnavailableException
            or DeviceMemoryException or TrainingDivergedException or Learning.Acquisition.ScoreException
            or IOException or UnauthorizedAccessException)
        {
            output.Error.WriteLine($"fisher: {exception.Message}");
            return 1;
        }
    }

    // ArgumentException appends "(Parameter 'x')", which names a variable of ours and not an option of theirs.
    private static string Sentence(Exception exception) =>
        exception is ArgumentException { ParamName: { } name } argument
            ? argument.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal).Split('\n')[0]
            : exception.Message;
}
