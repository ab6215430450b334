using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;

namespace FisherKernels.Cli.Commands;

/// <summary>--strategies: which ones are compared.</summary>
internal static class StrategyOption
{
    /// <summary>The option.</summary>
    /// <param name="usual">What is compared where it is left out.</param>
    public static Option<string> Create(string usual = "random,entropy,maxdiff,xtx,dopt,padopt") => new("--strategies")
    {
        Description = "with commas between them; NAME takes the best scores, NAME+sample or NAME+power=β draw in proportion to scoreᵝ, NAME+softmax=β to e^(β·score)",
        DefaultValueFactory = _ => usual,
    };

    /// <summary>Refuses a ridge where no strategy looks at it.</summary>
    /// <exception cref="InputException">None does.</exception>
    public static void RequireRidge(ParseResult parsed, Option ridge, IReadOnlyList<Strategy> strategies)
    {
        if (Ask.IsGiven(parsed, ridge) && !strategies.Any(strategy => strategy.Acquisition.NeedsRidge))
        {
            throw SelectSettings.GoesWith(
                ridge.Name, acquisition => acquisition.NeedsRidge, string.Join(" and ", strategies.Select(strategy => strategy.Name)));
        }
    }

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
