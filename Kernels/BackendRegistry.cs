using System.Collections.Immutable;

namespace FisherKernels.Kernels;

/// <summary>The providers that are known, and how one of them is chosen; never changes itself.</summary>
internal sealed class BackendRegistry
{
    /// <summary>What is said where no device was ever registered.</summary>
    internal const string NoGpu = "No GPU backend is registered: GpuBackends.Register() of FisherKernels.Gpu does that.";

    private const string ByName = "asked for by name";

    private BackendRegistry(ImmutableArray<BackendProvider> providers) => Providers = providers;

    /// <summary>The CPU alone, which is always there.</summary>
    public static BackendRegistry Initial { get; } = new([new Cpu.CpuProvider()]);

    /// <summary>All of them: what <see cref="BackendKind.Auto"/> tries, then the CPU, then what is opened by name only.</summary>
    public ImmutableArray<BackendProvider> Providers { get; }

    /// <summary>The same and one more, unless that one is there.</summary>
    /// <exception cref="ArgumentException">Its name is another provider's.</exception>
    public BackendRegistry With(BackendProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        if (Find(provider.Name) is not { } known)
        {
            return new([.. Providers.Add(provider).OrderBy(one => one.IsAutomatic ? 0 : one is Cpu.CpuProvider ? 1 : 2)]);
        }

        return known.GetType() == provider.GetType()
            ? this
            : throw new ArgumentException(
                $"A backend called {provider.Name} is registered already, by {known.GetType()}.", nameof(provider));
    }

    /// <summary>Opens by name, or the first device that works where the name is auto.</summary>
    /// <exception cref="DeviceUnavailableException">A device asked for by name is not registered or not there, or fails its
    /// self-test.</exception>
    public Backend Open(string name, int threads)
    {
        if (name == BackendNames.From(BackendKind.Auto))
        {
            return OpenFirst(threads);
        }

        if (Find(name) is { } provider)
        {
            return Open(provider, threads, isAutomatic: false, ByName);
        }

        string known = $"no backend of that name is registered, only {string.Join(", ", Providers.Select(one => one.Name))}";
        throw new DeviceUnavailableException(name, HasDevices ? known : $"{known}. {NoGpu.TrimEnd('.')}");
    }

    private static Backend Open(BackendProvider provider, int threads, bool isAutomatic, string why)
    {
        Backend opened = provider.Open(threads, isAutomatic);
        opened.Why = why;
        // The CPU is what the others are compared with.
        if (provider is Cpu.CpuProvider || SelfTest.Run(opened) is not { } reason)
        {
            return opened;
        }

        opened.Dispose();
        throw new DeviceUnavailableException(provider.Name, $"{opened.Device} fails its self-test: {reason}");
    }

    private Backend OpenFirst(int threads)
    {
        var passedOver = new List<string>();
        foreach (BackendProvider provider in Providers.Where(provider => provider.IsAutomatic))
        {
            try
            {
                return Open(provider, threads, isAutomatic: true, string.Join(" ", passedOver.Append("The first device that works.")));
            }
            catch (DeviceUnavailableException exception)
            {
                passedOver.Add(exception.Message + ".");
            }
        }

        if (!HasDevices)
        {
            passedOver.Add(NoGpu);
        }

        return Open(Providers.First(provider => provider is Cpu.CpuProvider), threads, isAutomatic: true, string.Join(" ", passedOver));
    }

    private BackendProvider? Find(string name) => Providers.FirstOrDefault(provider => provider.Name == name);

    // Whoever registered one that auto tries knows how.
    private bool HasDevices => Providers.Any(provider => provider.IsAutomatic);
}
