namespace FisherKernels.Kernels;

/// <summary>A device that was asked for by name is not there, or failed its self-test; the message says which and why.</summary>
public sealed class DeviceUnavailableException : Exception
{
    /// <summary>For <paramref name="kind"/>, with the reason.</summary>
    public DeviceUnavailableException(BackendKind kind, string reason, Exception? inner = null)
        : base($"No {kind.ToString().ToLowerInvariant()} device: {reason}", inner) => Kind = kind;

    /// <summary>What was asked for.</summary>
    public BackendKind Kind { get; }
}

/// <summary>An array did not fit into the memory of the device; the message gives its shape and bytes.</summary>
public sealed class DeviceMemoryException : Exception
{
    /// <summary>With what was asked for.</summary>
    public DeviceMemoryException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>An information matrix has no Cholesky factor: some direction of the features carries no information.</summary>
public sealed class SingularInformationException : Exception
{
    /// <summary>With the numbers a caller needs to decide what to do.</summary>
    /// <param name="dimension">d.</param>
    /// <param name="rank">Numerical rank of the matrix.</param>
    /// <param name="ridge">λ.</param>
    /// <param name="pivot">Where the factorisation stopped, counted from 0.</param>
    /// <param name="pivotValue">The pivot found there.</param>
    public SingularInformationException(int dimension, int rank, double ridge, int pivot, double pivotValue)
        : base(FormattableString.Invariant(
            $"The {dimension}×{dimension} information matrix is singular: rank {rank}, ridge λ = {ridge:G6}, pivot {pivot} is {pivotValue:G3}. Raise λ, add comparisons, or drop features that never vary."))
        => (Dimension, Rank, Ridge, Pivot) = (dimension, rank, ridge, pivot);

    /// <summary>d.</summary>
    public int Dimension { get; }

    /// <summary>Numerical rank of the matrix, ≤ d.</summary>
    public int Rank { get; }

    /// <summary>λ.</summary>
    public double Ridge { get; }

    /// <summary>Row at which the factorisation stopped, from 0.</summary>
    public int Pivot { get; }
}
