namespace FisherKernels.Kernels;

/// <summary>
/// <see cref="Backend.PairVariances"/> and <see cref="Backend.Best"/> straight from a service's own memory: the pairs whose weight
/// raises log det M fastest, M = λ·1 + I_past + I (MATH.md §2, §3).
/// </summary>
/// <remarks>
/// A selector keeps its scratch: once it has seen the largest problem, nothing is allocated on the CPU and no memory on a device,
/// where all is queued before anything is waited for (d ≤ 256; wider matrices are factored by the host). It serves one thread at a
/// time, and refuses a second one; on the CPU selectors of one backend work beside each other, a device's backend serves one thread
/// at a time.
/// <code>
/// using Backend on = Backend.Open(BackendKind.Cpu);
/// using DOptimalSelector selector = on.CreateSelector();
/// double logDeterminant = selector.Select(features, 64, rewards, pairs, past: [], ridge: 1e-6, best, gradients, stop);
/// </code>
/// </remarks>
public abstract class DOptimalSelector : IDisposable
{
    private bool _isDisposed;
    private int _isBusy;
    private Pair[] _pairs = [];

    private protected DOptimalSelector(Backend backend) => Backend = backend;

    /// <summary>What computes.</summary>
    public Backend Backend { get; }

    /// <summary>Writes the indices of the best pairs and returns log det M, in nats.</summary>
    /// <param name="features">Φ [R, d], row by row.</param>
    /// <param name="dimension">d ≥ 0.</param>
    /// <param name="rewards">r [R]; v = p(1 − p) with p = σ(r[a] − r[b]).</param>
    /// <param name="pairs">[n], indices of rows of <paramref name="features"/>.</param>
    /// <param name="past">I_past [d, d] row by row, symmetric up to rounding; empty for none.</param>
    /// <param name="ridge">λ ≥ 0, finite.</param>
    /// <param name="best">[k], out, k ≤ n: largest gradient first, equal ones in ascending order of their indices, NaN last.</param>
    /// <param name="gradients">g = v δᵀ M⁻¹ δ of the best, [k], out; empty where nobody asks.</param>
    /// <param name="cancellationToken">Looked at every few microseconds of work on the CPU; on a device before its work is waited for,
    /// and after.</param>
    /// <exception cref="ArgumentException">Lengths that do not fit together, an index out of range, a response compared with itself, or
    /// features, rewards or a past that are not finite.</exception>
    /// <exception cref="SingularInformationException">M has no Cholesky factor in float64.</exception>
    /// <exception cref="OperationCanceledException">What is in <paramref name="best"/> and <paramref name="gradients"/> then means
    /// nothing.</exception>
    /// <exception cref="InvalidOperationException">Another thread is in this selector.</exception>
    public double Select(
        ReadOnlySpan<float> features,
        int dimension,
        ReadOnlySpan<float> rewards,
        ReadOnlySpan<Pair> pairs,
        ReadOnlySpan<double> past,
        double ridge,
        Span<int> best,
        Span<float> gradients,
        CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        CholeskyFactor.RequireDimension(dimension);
        CholeskyFactor.RequireRidge(ridge);
        PairGraph.RequireCount(pairs);
        if (features.Length != (long)rewards.Length * dimension)
        {
            throw new ArgumentException(
                $"features has {features.Length} numbers, expected {rewards.Length}×{dimension}: {rewards.Length} rewards, dimension "
                    + $"{dimension}.",
                nameof(features));
        }

        if (past.Length != 0 && past.Length != (long)dimension * dimension)
        {
            throw new ArgumentException($"past has {past.Length} numbers, expected {dimension}×{dimension}, or none.", nameof(past));
        }

        RequireRoom(pairs.Length, best, gradients);
        cancellationToken.ThrowIfCancellationRequested();
        Enter();
        try
        {
            // Indices are checked once and trusted after: the caller's own could change between, under another thread's hands.
            Span<Pair> own = Cpu.Scratch.Of(ref _pairs, pairs.Length);
            pairs.CopyTo(own);
            var problem = new DOptimalProblem
            {
                Features = features,
                Dimension = dimension,
                Rewards = rewards,
                Pairs = own,
                Past = past,
                Ridge = ridge,
            };
            return SelectCore(problem, best, gradients, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _isBusy, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Release();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract double SelectCore(
        in DOptimalProblem problem, Span<int> best, Span<float> gradients, CancellationToken cancellationToken);

    /// <summary>Gives back what is not the collector's.</summary>
    private protected virtual void Release()
    {
    }

    // The scratch is one thread's: two would write beyond what the other made of it.
    private void Enter()
    {
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
        {
            throw new InvalidOperationException(
                "This selector is at work in another thread; make one for each thread with CreateSelector.");
        }
    }

    private static void RequireRoom(int pairs, Span<int> best, Span<float> gradients)
    {
        if (best.Length > pairs)
        {
            throw new ArgumentException($"best has room for {best.Length} of {pairs} pairs, expected {pairs} at most.", nameof(best));
        }

        if (gradients.Length != 0 && gradients.Length != best.Length)
        {
            throw new ArgumentException(
                $"gradients has {gradients.Length} numbers, expected {best.Length} as best, or none.", nameof(gradients));
        }
    }
}
