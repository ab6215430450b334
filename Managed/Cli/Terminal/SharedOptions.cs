using System.CommandLine;
using FisherKernels.Kernels;

namespace FisherKernels.Cli.Terminal;

/// <summary>What every command takes: where to compute, the seed, and whether a program reads the answer.</summary>
internal sealed class SharedOptions
{
    private const string Auto = "auto";

    private readonly Option<string> _device = Ask.OneOf(
        "--device", "where to compute", Auto, [.. Backend.Providers.OrderBy(one => one.Kind).Select(one => one.Name).Prepend(Auto).Select(name => (name, name))]);

    private readonly Option<int> _threads = Ask.Whole("--threads", "threads on the cpu, 0 for one per core; results do not depend on it", 0);

    private readonly Option<int> _seed = Ask.Whole("--seed", "seeds every draw; the same command with the same seed gives the same pairs", 1);

    private readonly Option<bool> _json = new("--json") { Description = "write one JSON object to standard output, for programs" };

    public SharedOptions(Command command)
    {
        _threads.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var threads and (< 0 or > Backend.MostThreads))
            {
                result.AddError($"--threads is {threads}; expected 0 for one per core, or a number up to {Backend.MostThreads}.");
            }
        });
        command.Options.Add(_device);
        command.Options.Add(_threads);
        command.Options.Add(_seed);
        command.Options.Add(_json);
    }

    public string Device(ParseResult parsed) => parsed.GetRequiredValue(_device);

    public int Threads(ParseResult parsed) => parsed.GetValue(_threads);

    public int Seed(ParseResult parsed) => parsed.GetValue(_seed);

    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    public Backend Open(ParseResult parsed) => Backend.Open(Device(parsed), Threads(parsed));
}
