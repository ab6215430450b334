using System.CommandLine;
using FisherKernels.Kernels;
using FisherKernels.Learning;

namespace FisherKernels.Cli.Terminal;

/// <summary>What every command takes: where to compute, the seed, and whether a program reads the answer.</summary>
public sealed class SharedOptions
{
    private const int MostSeeds = 10_000;
    private const string Auto = "auto";

    private readonly Option<string> _device = Ask.OneOf(
        "--device", "where to compute", Auto,
        [.. Backend.Providers.OrderBy(one => one.Kind).Select(one => one.Name).Prepend(Auto).Select(name => (name, name))]);

    private readonly Option<int> _threads =
        Ask.Integer("--threads", "threads on the cpu, 0 for one per core; results do not depend on it", 0);

    private readonly Option<int> _seed =
        Ask.Integer("--seed", "seeds every draw; the same command with the same seed gives the same pairs", 1);

    private readonly Option<bool> _json = new("--json") { Description = "write one JSON object to standard output, for programs" };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">Gets them.</param>
    public SharedOptions(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
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

    /// <summary>--device: name of the provider that was asked for, or auto.</summary>
    /// <param name="parsed">The command line.</param>
    public string Device(ParseResult parsed) => Given(parsed).GetRequiredValue(_device);

    /// <summary>--threads: threads on the CPU, 0 for one per core.</summary>
    /// <param name="parsed">The command line.</param>
    public int Threads(ParseResult parsed) => Given(parsed).GetValue(_threads);

    /// <summary>--seed: of every draw.</summary>
    /// <param name="parsed">The command line.</param>
    public int Seed(ParseResult parsed) => Given(parsed).GetValue(_seed);

    /// <summary>--json: whether a program reads the answer.</summary>
    /// <param name="parsed">The command line.</param>
    public bool Json(ParseResult parsed) => Given(parsed).GetValue(_json);

    /// <summary>Opens the backend that was asked for; the caller disposes it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="DeviceUnavailableException">It is not there.</exception>
    public Backend Open(ParseResult parsed) => Backend.Open(Device(parsed), Threads(parsed));

    /// <summary>What a whole run will compute on, asked once, so that a device that is not there is said before anything is
    /// written.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="DeviceUnavailableException">It is not there.</exception>
    public DeviceFound FindDevice(ParseResult parsed)
    {
        using Backend backend = Open(parsed);
        int threads = Threads(parsed) == 0 ? Environment.ProcessorCount : Threads(parsed);
        return new DeviceFound(backend.Kind, threads, backend.Device, backend.Why);
    }

    /// <summary>Seeds of repetitions, from --seed on.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="count">The option that says how many.</param>
    /// <exception cref="InputException">None, more than 10,000, or beyond the largest integer.</exception>
    public int[] Seeds(ParseResult parsed, Option<int> count)
    {
        ArgumentNullException.ThrowIfNull(count);

        // Each seed has folders of its own, made before the first round.
        int first = Seed(parsed), seeds = Ask.Positive(count.Name, Given(parsed).GetValue(count));
        return seeds > MostSeeds ? throw new InputException($"{count.Name} is {seeds}; at most {MostSeeds} can be run together.")
            : first > int.MaxValue - seeds + 1 ? throw new InputException(
                $"{count.Name} {seeds} from {_seed.Name} {first} on pass {int.MaxValue}, the largest seed; start lower.")
            : [.. Enumerable.Range(first, seeds)];
    }

    private static ParseResult Given(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed;
    }
}

/// <summary>What a run computes on.</summary>
/// <param name="Kind">Never <see cref="BackendKind.Auto"/>.</param>
/// <param name="Threads">Threads on the CPU, at least 1.</param>
/// <param name="Device">Its name.</param>
/// <param name="Why">Why it was taken, in words.</param>
public sealed record DeviceFound(BackendKind Kind, int Threads, string Device, string Why);
