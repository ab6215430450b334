using FisherKernels.Kernels;

namespace FisherKernels.Learning.Design;

/// <summary>Listed candidates with their weights and what there is before them: M₀ = λ1 + I_past and M = M₀ + Σ v δδᵀ, each made
/// once (MATH.md §3).</summary>
/// <remarks>Owns no array that it is given; disposing it gives back its scratch.</remarks>
internal sealed class InformationProblem : IDisposable
{
    private readonly DeviceArray<double>? _past_dd;
    private readonly double _ridge;
    private readonly DeviceArray<double>? _ownPast_dd;
    private DeviceArray<float>? _g_n;
    private PrecisionMatrix? _start;

    /// <summary>For candidates.</summary>
    /// <param name="candidates">n pairs over R responses.</param>
    /// <param name="features">Φ [R, d]; its owner computes.</param>
    /// <param name="weights">v [n], ≥ 0.</param>
    /// <param name="past">I_past [d, d]; null for none.</param>
    /// <param name="ridge">λ ≥ 0.</param>
    public InformationProblem(
        PairGraph candidates, DeviceArray<float> features, DeviceArray<float> weights, DeviceArray<double>? past, double ridge) =>
        (Candidates, Features, Weights, _past_dd, _ridge) = (candidates, features, weights, past, ridge);

    /// <summary>For candidates with M₀ given.</summary>
    /// <param name="candidates">n pairs over R responses.</param>
    /// <param name="features">Φ [R, d]; its owner computes.</param>
    /// <param name="weights">v [n], ≥ 0.</param>
    /// <param name="start">M₀, d × d.</param>
    /// <exception cref="ArgumentException">Arrays of other sizes.</exception>
    public InformationProblem(PairGraph candidates, DeviceArray<float> features, DeviceArray<float> weights, PrecisionMatrix start)
        : this(candidates, features, weights, null, 0)
    {
        int d = start.Dimension;
        if (features.Rows != candidates.Responses || features.Columns != d || weights.Length != candidates.Count)
        {
            throw new ArgumentException(
                $"There are {candidates.Count} pairs of {candidates.Responses} responses and M₀ is {d}×{d}, "
                + $"but features is {features.Rows}×{features.Columns} and weights has {weights.Length} numbers.", nameof(features));
        }

        _start = start;
        _past_dd = _ownPast_dd = features.Owner.Upload(start.Precision, d, d);
    }

    /// <summary>n pairs over R responses.</summary>
    public PairGraph Candidates { get; }

    /// <summary>Φ [R, d].</summary>
    public DeviceArray<float> Features { get; }

    /// <summary>v [n].</summary>
    public DeviceArray<float> Weights { get; }

    /// <summary>M₀.</summary>
    /// <exception cref="SingularInformationException">It has no Cholesky factor in float64.</exception>
    public PrecisionMatrix Start => _start ??= _past_dd is null
        ? new PrecisionMatrix(Features.Columns, _ridge)
        : new PrecisionMatrix(Features.Columns, _ridge, _past_dd.ToArray());

    /// <summary>M with every candidate in it, once <see cref="Best(int, CancellationToken)"/> or <see cref="Score"/> has made it;
    /// else null.</summary>
    public PrecisionMatrix? All { get; private set; }

    /// <summary>The k largest gradients g = v δᵀM⁻¹δ, and M.</summary>
    /// <param name="count">k, 0 ≤ k ≤ n.</param>
    /// <param name="cancellationToken">Looked at between the parts of the work.</param>
    /// <exception cref="SingularInformationException">M has no Cholesky factor in float64.</exception>
    public BestPairs Best(int count, CancellationToken cancellationToken) =>
        Best(count, Gradient, cancellationToken);

    /// <summary>The gradient of every candidate, and M.</summary>
    /// <param name="gradient">g [n], out.</param>
    /// <exception cref="SingularInformationException">M has no Cholesky factor in float64.</exception>
    public PrecisionMatrix Score(DeviceArray<float> gradient) => Best(0, gradient, default).Precision;

    /// <summary>g [n] of the last <see cref="Best(int, CancellationToken)"/>.</summary>
    public DeviceArray<float> Gradient => _g_n ??= Features.Owner.Allocate<float>(Candidates.Count);

    /// <inheritdoc/>
    public void Dispose()
    {
        _g_n?.Dispose();
        _ownPast_dd?.Dispose();
    }

    private BestPairs Best(int count, DeviceArray<float> gradient, CancellationToken cancellationToken)
    {
        BestPairs best = Features.Owner.Best(Candidates, Features, Weights, _past_dd, _ridge, gradient, count, cancellationToken);
        All = best.Precision;
        return best;
    }
}
