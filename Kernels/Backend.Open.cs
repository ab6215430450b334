namespace FisherKernels.Kernels;

// Which backends there are, and how one is opened.
public abstract partial class Backend
{
    // The one static of this library that changes: devices come from other assemblies, which nothing here may name, and every
    // caller in a process opens from the same list. It only grows, and is replaced as a whole.
    private static BackendRegistry _registry = BackendRegistry.Initial;

    /// <summary>Threads of a CPU backend at most.</summary>
    public const int MostThreads = 1024;

    /// <summary>The registered providers: what <see cref="BackendKind.Auto"/> tries, in its order, the CPU, then what is opened by
    /// name only.</summary>
    /// <remarks>Safe from any thread.</remarks>
    public static IReadOnlyList<BackendProvider> Providers => Volatile.Read(ref _registry).Providers;

    /// <summary>Makes a provider's backends known to this process; a second provider of the same type and name changes nothing.</summary>
    /// <remarks>Safe from any thread; there is no way back.</remarks>
    /// <param name="provider">Finds and opens them.</param>
    /// <exception cref="ArgumentException">A provider of another type has that name.</exception>
    public static void Register(BackendProvider provider)
    {
        BackendRegistry seen, more;
        do
        {
            seen = Volatile.Read(ref _registry);
            more = seen.With(provider);
        }
        while (Interlocked.CompareExchange(ref _registry, more, seen) != seen);
    }

    /// <summary>Opens a backend by its kind.</summary>
    /// <param name="kind">What to open; <see cref="BackendKind.Auto"/> falls back to the CPU and says so in <see cref="Why"/>.</param>
    /// <param name="threads">Of the CPU backend, at most <see cref="MostThreads"/>, 0 for one per core. No result depends on it.</param>
    /// <returns>The backend, which the caller disposes.</returns>
    /// <exception cref="DeviceUnavailableException">A device asked for by name is not registered or not there, or fails its
    /// self-test.</exception>
    public static Backend Open(BackendKind kind, int threads = 0) => kind != BackendKind.Other && Enum.IsDefined(kind)
        ? Open(BackendNames.From(kind), threads)
        : throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of backend that can be opened without its name.");

    /// <summary>Opens a backend by its name.</summary>
    /// <param name="name">A registered name, or "auto".</param>
    /// <param name="threads">Of the CPU backend, at most <see cref="MostThreads"/>, 0 for one per core. No result depends on it.</param>
    /// <returns>The backend, which the caller disposes.</returns>
    /// <exception cref="DeviceUnavailableException">No such backend is registered, or it is not there or fails its self-test.</exception>
    public static Backend Open(string name, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MostThreads);
        return Volatile.Read(ref _registry).Open(name, threads);
    }

    /// <summary>What the registered providers would find on this machine, in the order of <see cref="Providers"/>; opens nothing.</summary>
    public static IReadOnlyList<DeviceDescription> Devices() => [.. Providers.SelectMany(provider => provider.Devices())];
}
