using FisherKernels.Kernels.Cpu;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Kernels;

/// <summary>M⁻¹ and log det M, kept while M changes by rank one, d² operations a change (MATH.md §5; Sherman and Morrison 1950).</summary>
/// <remarks>
/// <code>
/// M ← M + w δδᵀ:   M⁻¹ ← M⁻¹ − w u uᵀ/(1 + w q),  log det M ← log det M + log(1 + w q)     u = M⁻¹δ, q = δᵀu
/// </code>
/// Rounding of the entries stays: who changes it many times begins anew from a <see cref="PrecisionMatrix"/> now and then.
/// </remarks>
internal sealed class UpdatedInverse
{
    /// <summary>A change that leaves less of det M than this leaves its rounding in M⁻¹: who makes one begins anew from the sum M.</summary>
    internal const double Vanishing = 1.0 / (1 << 20);

    private readonly double[] _inverse;

    /// <summary>Of M as it is.</summary>
    public UpdatedInverse(PrecisionMatrix precision)
        : this(precision.Dimension) => Begin(precision.InverseCholesky, precision.LogDeterminant);

    /// <summary>Of no M yet: <see cref="Begin"/> has to follow.</summary>
    /// <param name="dimension">d.</param>
    public UpdatedInverse(int dimension) => (Dimension, _inverse) = (dimension, new double[dimension * dimension]);

    /// <summary>Anew from a factor, without what rounding has left.</summary>
    /// <param name="root">L⁻¹ [d, d], M = LLᵀ, with zeros above the diagonal.</param>
    /// <param name="logDeterminant">log det M.</param>
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
                VectorMath.AddMultiple(row[j], row, _inverse.AsSpan(j * Dimension, k + 1));
            }
        }
    }

    /// <summary>d.</summary>
    public int Dimension { get; }

    /// <summary>log det M, in nats.</summary>
    public double LogDeterminant { get; private set; }

    /// <summary>M⁻¹, [d, d] row by row.</summary>
    public ReadOnlySpan<double> Inverse => _inverse;

    /// <summary>u = M⁻¹δ.</summary>
    /// <param name="delta">δ [d].</param>
    /// <param name="u">[d], out; not <paramref name="delta"/>.</param>
    /// <returns>q = δᵀM⁻¹δ.</returns>
    public double Multiply(ReadOnlySpan<double> delta, Span<double> u)
    {
        VectorMath.MultiplySymmetric(_inverse, delta[..Dimension], u[..Dimension]);
        return VectorMath.Dot(delta[..Dimension], u[..Dimension]);
    }

    /// <summary>M ← M + w δδᵀ.</summary>
    /// <param name="weight">w; with 1 + w q > 0, else M would not stay positive definite.</param>
    /// <param name="u">M⁻¹δ as <see cref="Multiply"/> gives it.</param>
    /// <param name="q">δᵀM⁻¹δ.</param>
    /// <exception cref="ArgumentOutOfRangeException">1 + w q ≤ 0, or no number.</exception>
    public void Update(double weight, ReadOnlySpan<double> u, double q)
    {
        double scale = -weight / Growth(weight, q);
        for (int j = 0; j < Dimension; j++)
        {
            VectorMath.AddMultiple(scale * u[j], u[..Dimension], _inverse.AsSpan(j * Dimension, Dimension));
        }

        LogDeterminant += Logarithm.OfOnePlus(weight * q);
    }

    /// <summary>1 + w q, by which det M is multiplied; refused where M would not stay positive definite.</summary>
    internal static double Growth(double weight, double q)
    {
        double growth = 1 + weight * q;
        return growth > 0 && double.IsFinite(growth)
            ? growth
            : throw new ArgumentOutOfRangeException(nameof(weight), weight, FormattableString.Invariant($"det M would be multiplied by {growth}."));
    }
}
