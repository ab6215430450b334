namespace FisherKernels.Kernels.Numerics;

/// <summary>
/// The inverse and the log determinant of an information matrix M that changes by rank one, d² operations a change (MATH.md §5; Sherman
/// and Morrison 1950).
/// </summary>
/// <remarks>
/// <code>
/// M ← M + w δδᵀ:   M⁻¹ ← M⁻¹ − w u uᵀ/(1 + w q),  log det M ← log det M + log(1 + w q)     u = M⁻¹δ, q = δᵀu
/// </code>
/// Rounding of the entries stays: who changes it many times begins anew from a <see cref="PrecisionMatrix"/> now and then. Nothing is
/// allocated after
/// construction. Serves one thread at a time.
/// </remarks>
public sealed class UpdatedInverse
{
    /// <summary>
    /// The least share of det M, 2⁻²⁰, that a change may leave: less leaves its rounding in M⁻¹, and who makes such a change begins anew
    /// from the sum M.
    /// </summary>
    public const double Vanishing = 1.0 / (1 << 20);

    private readonly double[] _inverse;

    /// <summary>The inverse of a matrix as it is.</summary>
    /// <param name="precision">M; it is not changed, and not kept.</param>
    public UpdatedInverse(PrecisionMatrix precision)
        : this((precision ?? throw new ArgumentNullException(nameof(precision))).Dimension) =>
        Begin(precision.InverseCholesky, precision.LogDeterminant);

    /// <summary>Memory for a matrix of this width; <see cref="Begin"/> has to follow before anything else.</summary>
    /// <param name="dimension">Width d ≥ 0 of the matrix.</param>
    public UpdatedInverse(int dimension) => (Dimension, _inverse) = (dimension, new double[dimension * dimension]);

    /// <summary>Begins anew from a factor, without what rounding has left.</summary>
    /// <param name="root">L⁻¹ with M = L Lᵀ, [d, d] row by row, with zeros above the diagonal.</param>
    /// <param name="logDeterminant">log det M, in nats.</param>
    public void Begin(ReadOnlySpan<double> root, double logDeterminant)
    {
        LogDeterminant = logDeterminant;
        _inverse.AsSpan().Clear();
        for (int k = 0; k < Dimension; k++)
        {
            // M⁻¹ = L⁻ᵀL⁻¹, a row of L⁻¹ after the other; the entries right of its diagonal are zero.
            ReadOnlySpan<double> row = root.Slice(k * Dimension, k + 1);
            for (int j = 0; j <= k; j++)
            {
                Vectors.AddMultiple(row[j], row, _inverse.AsSpan(j * Dimension, k + 1));
            }
        }
    }

    /// <summary>Width d of the matrix.</summary>
    public int Dimension { get; }

    /// <summary>log det M, in nats.</summary>
    public double LogDeterminant { get; private set; }

    /// <summary>M⁻¹, [d, d] row by row; it changes with every <see cref="Update"/>.</summary>
    public ReadOnlySpan<double> Inverse => _inverse;

    /// <summary>Writes u = M⁻¹δ.</summary>
    /// <param name="delta">δ, [d].</param>
    /// <param name="u">u, [d], out; not <paramref name="delta"/>.</param>
    /// <returns>q = δᵀM⁻¹δ, ≥ 0 up to rounding.</returns>
    public double Multiply(ReadOnlySpan<double> delta, Span<double> u)
    {
        Vectors.MultiplySymmetric(_inverse, delta[..Dimension], u[..Dimension]);
        return Vectors.Dot(delta[..Dimension], u[..Dimension]);
    }

    /// <summary>Changes M to M + w δδᵀ.</summary>
    /// <param name="weight">w, negative where a pair leaves; with 1 + w q > 0, else M would not stay positive definite.</param>
    /// <param name="u">M⁻¹δ as <see cref="Multiply"/> gives it.</param>
    /// <param name="q">δᵀM⁻¹δ.</param>
    /// <exception cref="ArgumentOutOfRangeException">1 + w q ≤ 0, or no number.</exception>
    public void Update(double weight, ReadOnlySpan<double> u, double q)
    {
        double scale = -weight / Growth(weight, q);
        for (int j = 0; j < Dimension; j++)
        {
            Vectors.AddMultiple(scale * u[j], u[..Dimension], _inverse.AsSpan(j * Dimension, Dimension));
        }

        LogDeterminant += Logarithm.OnePlus(weight * q);
    }

    /// <summary>1 + w q, by which det M is multiplied; refused where M would not stay positive definite.</summary>
    internal static double Growth(double weight, double q)
    {
        double growth = 1 + weight * q;
        return growth > 0 && double.IsFinite(growth)
            ? growth
            : throw new ArgumentOutOfRangeException(
                nameof(weight), weight, FormattableString.Invariant($"det M would be multiplied by {growth}."));
    }
}
