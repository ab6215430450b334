namespace FisherKernels.Learning.Batches;

/// <summary>Which c of the candidates raise log det M most: the questions that every kind of candidates answers (MATH.md §3, §5).</summary>
internal abstract class LogDetProblem : IDisposable
{
    /// <summary>The largest gradients where every candidate is in M, each with its gradient; M is that of all candidates.</summary>
    /// <exception cref="Kernels.SingularInformationException">M has no Cholesky factor in float64.</exception>
    public abstract Batch Top(CancellationToken cancellationToken);

    /// <summary>The batch that an optimiser finds, in the order in which it is best asked, with what each pair adds to those before
    /// it.</summary>
    /// <exception cref="Kernels.SingularInformationException">M before the batch has no Cholesky factor in float64.</exception>
    public abstract Batch Optimise(IBatchOptimiser optimiser, SearchEffort effort);

    /// <summary>The batch with its certificate; as it is where the candidates have no information, so that all batches are alike.</summary>
    /// <param name="batch">Of these candidates.</param>
    /// <param name="efficiency">What is to be proven, in (0, 1); null for what the batch's own gradient proves.</param>
    /// <param name="effort">When to stop.</param>
    /// <exception cref="Kernels.SingularInformationException">M before the batch has no Cholesky factor in float64.</exception>
    public abstract Batch Certify(Batch batch, double? efficiency, SearchEffort effort);

    /// <inheritdoc/>
    public abstract void Dispose();
}
