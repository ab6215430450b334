namespace FisherKernels.Learning.Batches;

/// <summary>A way to look for the batch with the largest log det M.</summary>
internal interface IBatchOptimiser
{
    /// <summary>As users write it behind a criterion: <c>dopt+greedy</c>.</summary>
    string Name { get; }

    /// <summary>One sentence for people who choose among optimisers.</summary>
    string Description { get; }

    /// <summary>Whether it goes on until nothing helps or the time is up; false where a time limit changes nothing.</summary>
    bool TakesTime => true;

    /// <summary>Chooses; never less log det than the largest gradients give (<see cref="TopOptimiser"/>).</summary>
    /// <param name="problem">What to choose from.</param>
    /// <param name="effort">When to stop.</param>
    /// <returns>
    /// Indices of pairs, c of them, or fewer where the limits allow no further pair beside these; <see cref="BatchOrder"/> says in
    /// which order to ask.
    /// </returns>
    int[] Choose(BatchProblem problem, SearchEffort effort);

    /// <summary>Chooses among all pairs of the responses, none of them listed.</summary>
    /// <exception cref="InputException">It looks at listed pairs only.</exception>
    Batch Choose(EveryPairProblem problem, SearchEffort effort) => throw new InputException(
        $"The optimiser {Name} looks at listed candidates, not at every pair of all responses; list or draw some, or choose greedy or "
            + "exchange.");
}

/// <summary>How long an optimiser or a proof goes on.</summary>
/// <param name="Limit">Wall time from now on after which the best found so far is taken; null for none, and then the same input
/// gives the same batch.</param>
/// <param name="Tolerance">A step that gains less, in nats of log det M, is not worth taking; finite and above 0.</param>
/// <param name="CancellationToken">Ends it with <see cref="OperationCanceledException"/>.</param>
internal sealed record SearchEffort(TimeSpan? Limit = null, double Tolerance = 1e-8, CancellationToken CancellationToken = default)
{
    private readonly long _start = System.Diagnostics.Stopwatch.GetTimestamp();

    /// <summary>A step that gains less, in nats of log det M, is not worth taking.</summary>
    public double Tolerance { get; init => field = Positive(value); } = Positive(Tolerance);

    /// <summary>Whether the time is up; looks at the cancellation too.</summary>
    public bool IsOver
    {
        get
        {
            CancellationToken.ThrowIfCancellationRequested();
            return Limit is { } limit && System.Diagnostics.Stopwatch.GetElapsedTime(_start) >= limit;
        }
    }

    private static double Positive(double tolerance) => double.IsFinite(tolerance) && tolerance > 0
        ? tolerance
        : throw new ArgumentOutOfRangeException(nameof(Tolerance), tolerance, "A tolerance is finite and above 0.");
}
