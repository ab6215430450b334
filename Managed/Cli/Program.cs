using FisherKernels.Cli;

return await CommandLine.RunAsync(args, new Output(Console.Out, Console.Error, !Console.IsOutputRedirected && !Console.IsErrorRedirected));
