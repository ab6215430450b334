using System.CommandLine;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using FisherKernels.Bench.Experiments.Batches;
using FisherKernels.Bench.Experiments.Curves;
using FisherKernels.Bench.Experiments.Generate;
using FisherKernels.Bench.Experiments.Growth;
using FisherKernels.Bench.Experiments.Page;
using FisherKernels.Bench.Experiments.Plane;
using FisherKernels.Bench.Live;
using FisherKernels.Bench.Micro;
using FisherKernels.Bench.Peers;
using FisherKernels.Cli.Terminal;
using FisherKernels.Gpu;
using FisherKernels.Kernels;

namespace FisherKernels.Bench;

/// <summary>Measurements and experiments as a function: arguments in, text out, an exit code back. 0 done, 1 failed, 2 bad input.</summary>
internal static class BenchCommandLine
{
    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Output output)
    {
        GpuBackends.Register();
        var root = new RootCommand("bench: how fast the operations are, and what the strategies do.");
        root.Subcommands.Add(Micro(arguments, output));
        root.Subcommands.Add(PlaneCommand.Create(output));
        root.Subcommands.Add(LiveCommand.Create(output));
        root.Subcommands.Add(PeersCommand.Create(output));
        root.Subcommands.Add(GrowthCommand.Create(output));
        root.Subcommands.Add(BatchesCommand.Create(output));
        root.Subcommands.Add(CurvesCommand.Create(output));
        root.Subcommands.Add(GenerateCommand.Create(output));
        root.Subcommands.Add(PageCommand.Create(output));
        return await Invocation.RunAsync("bench", root, arguments, output).ConfigureAwait(false);
    }

    // Everything after the command's name goes to BenchmarkDotNet as it stands.
    private static Command Micro(IReadOnlyList<string> arguments, Output output)
    {
        var rest = new Argument<string[]>(
            "options")
        { Description = "of BenchmarkDotNet, e.g. --filter '*Information*'", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(
            "micro", "Every operation, on the CPU and every device present, with and without copies; and whole selections.") { rest };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(_ =>
        {
            foreach (BackendProvider provider in Backend.Providers.Where(provider => provider.IsAutomatic))
            {
                if (Presence.Absent(provider.Kind) is { } why)
                {
                    output.Out.WriteLine($"Not measured: {why}");
                }
            }

            string[] options = [.. arguments.SkipWhile(argument => argument != "micro").Skip(1)];
            Summary[] done = BenchmarkRunner.Run([typeof(Operations), typeof(Selections), typeof(Labels)], MicroConfig.Create(), options);
            return done.Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
        });
        return command;
    }
}
