using System.CommandLine;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Cli.Terminal;

/// <summary>--strategies: which ones are compared.</summary>
public static class StrategyOption
{
    /// <summary>The option, with six strategies where it is left out.</summary>
    public static Option<string> Create() => new("--strategies")
    {
        Description = "with commas between them; NAME takes the best scores, NAME+sample or NAME+power=β draw in proportion to scoreᵝ, "
            + "NAME+softmax=β to e^(β·score)",
        DefaultValueFactory = _ => "random,entropy,maxdiff,xtx,dopt,padopt",
    };

    /// <summary>The strategies that it names.</summary>
    /// <param name="text">Names with commas between them.</param>
    /// <exception cref="InputException">One that is not there, or one twice.</exception>
    public static IReadOnlyList<Strategy> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Strategy[] strategies = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(Strategy.Parse)];
        return strategies.DistinctBy(strategy => strategy.Name).Count() == strategies.Length
            ? strategies
            : throw new InputException($"--strategies '{text}' names one twice.");
    }
}
