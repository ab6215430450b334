using System.CommandLine;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;

namespace FisherKernels.Bench.Experiments;

/// <summary>--strategies: which ones an experiment compares.</summary>
internal static class StrategyOption
{
    /// <summary>The option, with the paper's one-shot strategies that are here as the usual ones.</summary>
    public static Option<string> Create() => new("--strategies")
    {
        Description = "with commas between them; NAME takes the best scores, NAME+sample draws in proportion to them",
        DefaultValueFactory = _ => "random,entropy,maxdiff,xtx,dopt,padopt",
    };

    /// <summary>What it names.</summary>
    /// <exception cref="InputException">One that is not there, or one twice.</exception>
    public static IReadOnlyList<Strategy> Read(string text)
    {
        Strategy[] strategies = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(Strategy.Parse)];
        return strategies.DistinctBy(strategy => strategy.Name).Count() == strategies.Length
            ? strategies
            : throw new InputException($"--strategies '{text}' names one twice.");
    }
}
