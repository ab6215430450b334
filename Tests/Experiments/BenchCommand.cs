using FisherKernels.Bench;
using FisherKernels.Cli.Terminal;
using FisherKernels.Tests.Apps;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>Runs commands of Bench as a user types them.</summary>
internal static class BenchCommand
{
    public static Said Run(params string[] arguments)
    {
        using StringWriter result = new(), error = new();
        int code = BenchCommandLine.RunAsync(arguments, new Output(result, error, IsTerminal: false)).GetAwaiter().GetResult();
        return new Said(code, result.ToString(), error.ToString());
    }

    /// <summary>Runs a command that has to succeed.</summary>
    public static Said Do(params string[] arguments)
    {
        Said said = Run(arguments);
        Assert.That(said.Code, Is.Zero, said.Error);
        return said;
    }
}
