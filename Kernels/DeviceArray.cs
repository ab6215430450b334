namespace FisherKernels.Kernels;

/// <summary>A row-major array of rows × columns numbers that lives where one <see cref="Backend"/> computes.</summary>
/// <remarks>A fresh array holds zeros on every backend. Whoever allocates it disposes it; a view is disposed with its array.</remarks>
/// <typeparam name="T">float, double, int or <see cref="Pair"/>.</typeparam>
public abstract class DeviceArray<T> : IDisposable
    where T : unmanaged
{
    /// <summary>An array as its backend makes it.</summary>
    /// <param name="owner">That backend.</param>
    /// <param name="rows">Number of rows, ≥ 0.</param>
    /// <param name="columns">Numbers in a row, ≥ 0.</param>
    protected DeviceArray(Backend owner, int rows, int columns)
    {
        Owner = owner;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>The backend that made this array, and the only one that takes it.</summary>
    public Backend Owner { get; }

    /// <summary>Number of rows, ≥ 0.</summary>
    public int Rows { get; }

    /// <summary>Numbers in a row, ≥ 0.</summary>
    public int Columns { get; }

    /// <summary>Rows × Columns.</summary>
    public int Length => Rows * Columns;

    /// <summary>Whether the numbers are gone: this array, the one it is a view of, or its backend was disposed.</summary>
    public abstract bool IsDisposed { get; }

    /// <summary>
    /// The values themselves, row by row, where they are in the memory of the host, else null: whoever only reads them needs no copy.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The array, or its backend, was disposed.</exception>
    public virtual ReadOnlyMemory<T>? OnHost => null;

    /// <summary>Copies <see cref="Length"/> numbers to the device.</summary>
    /// <exception cref="ArgumentException"><paramref name="source"/> has another length.</exception>
    public void CopyFrom(ReadOnlySpan<T> source)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        RequireLength(source.Length, nameof(source));
        if (Length > 0)
        {
            CopyFromCore(source);
        }
    }

    /// <summary>Copies <see cref="Length"/> numbers from the device, after all work on it is done.</summary>
    /// <exception cref="ArgumentException"><paramref name="target"/> has another length.</exception>
    public void CopyTo(Span<T> target)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        RequireLength(target.Length, nameof(target));
        if (Length > 0)
        {
            CopyToCore(target);
        }
    }

    /// <summary>The numbers, row by row.</summary>
    public T[] ToArray()
    {
        var copy = new T[Length];
        CopyTo(copy);
        return copy;
    }

    /// <summary>Sets every number to zero.</summary>
    public void Clear()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (Length > 0)
        {
            ClearCore();
        }
    }

    /// <summary>A rows × columns window on this array's numbers, starting at number <paramref name="offset"/>; nothing is copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The window reaches beyond this array.</exception>
    public DeviceArray<T> View(int offset, int rows, int columns = 1)
    {
        if (offset < 0 || rows < 0 || columns < 0 || offset + (long)rows * columns > Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"A window of {rows}×{columns} at {offset} does not fit into {Rows}×{Columns} numbers.");
        }

        return ViewCore(offset, rows, columns);
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>The work of <see cref="CopyFrom"/>: as many numbers as the array has, at least one.</summary>
    protected abstract void CopyFromCore(ReadOnlySpan<T> source);

    /// <summary>The work of <see cref="CopyTo"/>, after all work on the array is done: as many numbers as it has, at least one.</summary>
    protected abstract void CopyToCore(Span<T> target);

    /// <summary>The work of <see cref="Clear"/>, on an array of at least one number.</summary>
    protected abstract void ClearCore();

    /// <summary>The work of <see cref="View"/>: a window within this array, perhaps an empty one. Disposing it does nothing.</summary>
    protected abstract DeviceArray<T> ViewCore(int offset, int rows, int columns);

    private void RequireLength(int length, string name)
    {
        if (length != Length)
        {
            throw new ArgumentException($"{name} has {length} numbers, expected {Rows}×{Columns} = {Length}.", name);
        }
    }
}
