using FisherKernels.Bench;
using FisherKernels.Cli.Terminal;

return await BenchCommandLine.RunAsync(
    args, new Output(Console.Out, Console.Error, !Console.IsOutputRedirected && !Console.IsErrorRedirected));
