using FisherKernels.Cli;
using FisherKernels.Cli.Terminal;

if (OpenFileLimit.Problem() is { } problem)
{
    OpenFileLimit.Say($"fisher: {problem}\n");
    return 1;
}

// A terminal stays itself, for the live display to find out what it can do.
return await CommandLine.RunAsync(args, new Output(
    Console.IsOutputRedirected ? NamedWriter.Results() : Console.Out,
    Console.IsErrorRedirected ? NamedWriter.Messages() : Console.Error,
    !Console.IsOutputRedirected && !Console.IsErrorRedirected));
