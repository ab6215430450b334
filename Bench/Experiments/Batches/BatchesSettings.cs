using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>The options of bench batches.</summary>
internal sealed class BatchesSettings
{
    private const int UsualRepetitions = 11, FewestRepetitions = 5;

    private readonly Option<int> _repetitions = Ask.Integer("--repetitions", "of each time", UsualRepetitions);
    private readonly Option<int> _seed = Ask.Integer("--seed", "of everything drawn", 1);
    private readonly Provenance _provenance;

    /// <summary>Adds the options to a command.</summary>
    public BatchesSettings(Command command)
    {
        foreach (Option option in (Option[])[Data, Names, Size, _repetitions, _seed, Folder])
        {
            command.Options.Add(option);
        }

        _provenance = new Provenance(command);
    }

    public Option<string[]> Data { get; } = new("--data")
    {
        Description = "folders with data sets, measured beside the generated pool",
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<string[]> Names { get; } = new("--data-set")
    {
        Description = "which ones, GEN_EMBED_TASK; all of them when left out",
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<PoolSize> Size { get; } = Ask.OneOf(
        "--size", "of the pools: usual for the page, small to see that all of it works", PoolSize.Usual, ("usual", PoolSize.Usual),
        ("small", PoolSize.Small));

    public Option<string> Folder { get; } = Ask.Path("--out",
        "folder for batches.md, batches.json and the figure; pools that it has of the same commit are kept, and the rest is measured");

    /// <summary>Repetitions of each time.</summary>
    /// <exception cref="InputException">Fewer than quartiles need.</exception>
    public int Times(ParseResult parsed) => parsed.GetValue(_repetitions) is >= FewestRepetitions and var given
        ? given
        : throw new InputException($"{_repetitions.Name} is {parsed.GetValue(_repetitions)}; it must be at least {FewestRepetitions}.");

    /// <summary>Results with nothing in them yet.</summary>
    public BatchResults Fresh(ParseResult parsed, Backend on, int times) => new(
        on.Device, _provenance.Machine(parsed), _provenance.Commit(parsed), parsed.GetValue(_seed), times,
        ReferenceEquals(parsed.GetRequiredValue(Size), PoolSize.Small) ? "small" : "usual", [], []);
}
