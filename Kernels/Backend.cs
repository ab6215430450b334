using System.Runtime.CompilerServices;

namespace FisherKernels.Kernels;

/// <summary>
/// The one seam between what active learning means and how numbers are computed: a few checked operations on arrays.
/// </summary>
/// <remarks>
/// Public methods check shapes, ownership and emptiness once; the …Core methods that a backend overrides check nothing and
/// are never called with nothing to write. Outputs are arguments. Every sum has a fixed order, so the same input gives the
/// same bits on each run and with any number of threads. One backend serves one thread at a time.
/// A backend of one's own is a subclass, with a <see cref="BackendProvider"/> that opens it and is registered.
/// </remarks>
public abstract partial class Backend : IDisposable
{
    /// <summary>A backend as a provider opens it; the registry sets <see cref="Why"/>.</summary>
    /// <param name="name">The name of its provider.</param>
    /// <param name="device">The device's own name, with what matters of its size.</param>
    protected Backend(string name, string device)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(device);
        Name = name;
        Device = device;
    }

    /// <summary>The name that it is registered under and opened by, <see cref="BackendProvider.Name"/>.</summary>
    public string Name { get; }

    /// <summary>The kind that bears its name, else <see cref="BackendKind.Other"/>; never <see cref="BackendKind.Auto"/>.</summary>
    public BackendKind Kind => BackendNames.Parse(Name);

    /// <summary>The device's own name, with what matters of its size.</summary>
    public string Device { get; }

    /// <summary>Why this one was chosen: what was asked for, and what was passed over for which reason.</summary>
    public string Why { get; internal set; } = "";

    /// <summary>A fresh array of zeros.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative size, or more than 2³¹ − 1 numbers.</exception>
    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public DeviceArray<T> Allocate<T>(int rows, int columns = 1)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        if ((long)rows * columns > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(rows), $"An array of {rows}×{columns} has more than {Array.MaxLength} numbers; work through it in parts.");
        }

        return AllocateCore<T>(rows, columns);
    }

    /// <summary>A fresh array holding <paramref name="source"/>, row by row.</summary>
    /// <exception cref="ArgumentException"><paramref name="source"/> does not have rows × columns numbers.</exception>
    public DeviceArray<T> Upload<T>(ReadOnlySpan<T> source, int rows, int columns = 1)
        where T : unmanaged
    {
        DeviceArray<T> array = Allocate<T>(rows, columns);
        try
        {
            array.CopyFrom(source);
            return array;
        }
        catch
        {
            array.Dispose();
            throw;
        }
    }

    /// <summary>Comparisons of <paramref name="responses"/> responses, sorted by response as well.</summary>
    /// <exception cref="ArgumentException">A row number out of range, or a response compared with itself.</exception>
    public PairGraph Graph(ReadOnlySpan<Pair> pairs, int responses) => new(this, pairs, responses);

    /// <summary>Waits until all work handed to the device is done; only measurements need it.</summary>
    public abstract void Synchronize();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>The work of <see cref="Allocate{T}"/>: zeros; an array of no numbers is an array as well.</summary>
    protected abstract DeviceArray<T> AllocateCore<T>(int rows, int columns)
        where T : unmanaged;

    internal void Require<T>(
        DeviceArray<T> array, int rows, int columns = 1, [CallerArgumentExpression(nameof(array))] string name = "")
        where T : unmanaged
    {
        RequireOwned(array, name);
        if (array.Rows != rows || array.Columns != columns)
        {
            throw new ArgumentException($"{name} is {array.Rows}×{array.Columns}, expected {rows}×{columns}.", name);
        }
    }

    internal void RequireOwned<T>(DeviceArray<T> array, [CallerArgumentExpression(nameof(array))] string name = "")
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(array, name);
        if (!ReferenceEquals(array.Owner, this))
        {
            throw new ArgumentException($"{name} lives on another backend ({array.Owner.Device}), expected {Device}.", name);
        }

        ObjectDisposedException.ThrowIf(array.IsDisposed, array);
    }

    internal void RequireOwned(PairGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        RequireOwned(graph.Pairs, nameof(graph));
    }
}
