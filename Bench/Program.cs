using FisherKernels.Bench;
using FisherKernels.Cli;

return await BenchCommandLine.RunAsync(args, new Output(Console.Out, Console.Error, !Console.IsOutputRedirected && !Console.IsErrorRedirected));
