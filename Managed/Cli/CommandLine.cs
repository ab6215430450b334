using System.CommandLine;
using FisherKernels.Cli.Commands;
using FisherKernels.Cli.Terminal;
using FisherKernels.Gpu;

namespace FisherKernels.Cli;

/// <summary>The command line as a function: arguments in, text out, an exit code back. 0 done, 1 failed, 2 bad input.</summary>
public static class CommandLine
{
    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Output output)
    {
        ArgumentNullException.ThrowIfNull(output);
        GpuBackends.Register();

        // Native where the application was built with it (-p:UseMkl=true); managed otherwise, and nothing depends on which.
        MathNet.Numerics.Control.TryUseNativeMKL();
        var root = new RootCommand("fisher: which two answers should a person compare next?");
        root.Subcommands.Add(RunCommand.Create(output));
        root.Subcommands.Add(TrainCommand.Create(output));
        root.Subcommands.Add(SelectCommand.Create(output));
        root.Subcommands.Add(ScoreCommand.Create(output));
        root.Subcommands.Add(EvaluateCommand.Create(output));
        root.Subcommands.Add(DevicesCommand.Create(output));
        return await Invocation.RunAsync("fisher", root, arguments, output).ConfigureAwait(false);
    }
}
