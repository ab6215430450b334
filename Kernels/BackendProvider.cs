namespace FisherKernels.Kernels;

/// <summary>Finds and opens the backends of one name; registered once, by <see cref="Backend.Register"/>.</summary>
/// <remarks>A provider holds nothing that changes: it serves any number of threads.</remarks>
public abstract class BackendProvider
{
    /// <summary>A provider of backends of one name.</summary>
    /// <param name="name">What <see cref="Backend.Open(string, int)"/> takes: lower-case letters, digits and dashes; not "auto".</param>
    /// <exception cref="ArgumentException">Not such a name.</exception>
    protected BackendProvider(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        bool isWord = name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
        if (!isWord || name == BackendNames.From(BackendKind.Auto))
        {
            throw new ArgumentException(
                $"A backend cannot be called \"{name}\": a name is of lower-case letters, digits and dashes, and not auto.", nameof(name));
        }

        Name = name;
    }

    /// <summary>The name of its backends, as <see cref="Backend.Name"/> gives it.</summary>
    public string Name { get; }

    /// <summary>The kind of its backends; <see cref="BackendKind.Other"/> where the name is none of FisherKernels' own.</summary>
    public BackendKind Kind => BackendNames.Parse(Name);

    /// <summary>Whether <see cref="BackendKind.Auto"/> tries it, in the order of registration, before the CPU; false unless
    /// overridden.</summary>
    public virtual bool IsAutomatic => false;

    /// <summary>The devices that could be opened, the best first; where there is none, one without a name and with the reason as
    /// its problem.</summary>
    /// <remarks>Opens nothing and does not throw.</remarks>
    public abstract IReadOnlyList<DeviceDescription> Devices();

    /// <summary>Opens a backend of this name; the self-test follows, and a backend that fails it is disposed.</summary>
    /// <param name="threads">Threads on the host where the backend computes there, 0 for one per core; results do not depend on it.</param>
    /// <param name="isAutomatic">Whether nobody asked for it by name: then only a device faster than the CPU backend is to be
    /// opened.</param>
    /// <exception cref="DeviceUnavailableException">There is no such device.</exception>
    protected internal abstract Backend Open(int threads, bool isAutomatic);
}
