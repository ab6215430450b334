using FisherKernels.Cli;

// A terminal stays itself, for the live display to find out what it can do.
return await CommandLine.RunAsync(args, new Output(
    Console.IsOutputRedirected ? NamedWriter.Results() : Console.Out,
    Console.IsErrorRedirected ? NamedWriter.Messages() : Console.Error,
    !Console.IsOutputRedirected && !Console.IsErrorRedirected));
