namespace FisherKernels.Kernels;

/// <summary>
/// The base of every exception of FisherKernels that is not about an argument: data, a model, a device or the mathematics does not
/// permit what was asked for. The message is a whole sentence for a person. A wrong argument is an <see cref="ArgumentException"/>.
/// </summary>
public abstract class FisherException : Exception
{
    /// <summary>An exception with the whole sentence for a person, and what caused it.</summary>
    protected FisherException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>
/// A backend that was asked for by name is not registered, has no device, or failed its self-test; the message says which and why.
/// </summary>
public sealed class DeviceUnavailableException : FisherException
{
    /// <summary>An exception for one backend, with the reason.</summary>
    /// <param name="backend">The name that was asked for.</param>
    /// <param name="reason">Why there is none, without a full stop.</param>
    /// <param name="inner">What caused it, or null.</param>
    public DeviceUnavailableException(string backend, string reason, Exception? inner = null)
        : base($"No {backend} device: {reason}", inner) => Backend = backend;

    /// <summary>The name of the backend that was asked for.</summary>
    public string Backend { get; }

    /// <summary>The kind that bears this name, else <see cref="BackendKind.Other"/>.</summary>
    public BackendKind Kind => BackendNames.Parse(Backend);
}

/// <summary>An array did not fit into the memory of the device; the message gives its shape and bytes.</summary>
public sealed class DeviceMemoryException : FisherException
{
    /// <summary>An exception with the whole sentence: the shape and bytes that were asked for.</summary>
    public DeviceMemoryException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>An information matrix has no Cholesky factor: some direction of the features carries no information.</summary>
public sealed class SingularInformationException : FisherException
{
    /// <summary>An exception with the figures that a caller needs to decide what to do.</summary>
    /// <param name="dimension">Rows of the matrix, the width d of the features.</param>
    /// <param name="rank">Numerical rank of the matrix, below <paramref name="dimension"/>.</param>
    /// <param name="ridge">The ridge λ that was added to the diagonal.</param>
    /// <param name="pivot">Where the factorisation stopped, counted from 0.</param>
    /// <param name="pivotValue">The pivot found there.</param>
    public SingularInformationException(int dimension, int rank, double ridge, int pivot, double pivotValue)
        : base(FormattableString.Invariant(
            $"The {dimension}×{dimension} information matrix is singular: rank {rank}, ridge λ = {ridge:G6}, ")
            + FormattableString.Invariant($"pivot {pivot} is {pivotValue:G3}. ")
            + "Raise λ, add comparisons, or drop features that never vary.")
        => (Dimension, Rank, Ridge, Pivot) = (dimension, rank, ridge, pivot);

    /// <summary>Rows of the matrix, the width d of the features.</summary>
    public int Dimension { get; }

    /// <summary>Numerical rank of the matrix, at most <see cref="Dimension"/>.</summary>
    public int Rank { get; }

    /// <summary>The ridge λ that was added to the diagonal.</summary>
    public double Ridge { get; }

    /// <summary>Row at which the factorisation stopped, from 0.</summary>
    public int Pivot { get; }
}
