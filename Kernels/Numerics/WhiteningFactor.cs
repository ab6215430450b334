namespace FisherKernels.Kernels.Numerics;

/// <summary>
/// The factor of an information matrix M = λ·1 + I = L Lᵀ that is made anew again and again, in memory that is kept (MATH.md §3).
/// </summary>
/// <remarks>
/// For algorithms on the host that change I step by step; <see cref="PrecisionMatrix"/> is the immutable form of the same factor, with
/// the same bits.
/// Nothing is allocated after construction but for exceptions. Serves one thread at a time.
/// </remarks>
public sealed class WhiteningFactor
{
    private readonly PanelUpdate _update = new(null);
    private readonly double[] _sum, _cholesky, _packed;

    /// <summary>Memory for a matrix of this width; <see cref="Factor"/> has to follow before anything else.</summary>
    /// <param name="dimension">Width d ≥ 0 of the matrix.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative width, or one whose matrices no array could hold.</exception>
    public WhiteningFactor(int dimension)
    {
        CholeskyFactor.RequireDimension(dimension);
        Dimension = dimension;
        (_sum, _cholesky) = (new double[dimension * dimension], new double[dimension * dimension]);
        _packed = new double[Gemm.Panels<double>(dimension) * Gemm.Width<double>() * dimension];
    }

    /// <summary>Width d of the matrix.</summary>
    public int Dimension { get; }

    /// <summary>L⁻¹, [d, d] row by row, lower triangular with zeros above the diagonal.</summary>
    public ReadOnlySpan<double> InverseCholesky => _sum;

    /// <summary>log det M, in nats.</summary>
    public double LogDeterminant => CholeskyFactor.LogDeterminant(_cholesky, Dimension);

    /// <summary>Factors λ·1 + I in place of what was factored before.</summary>
    /// <param name="information">I, [d, d] row by row, symmetric up to rounding.</param>
    /// <param name="ridge">Ridge λ ≥ 0, at most <see cref="PrecisionMatrix.MostRidge"/>.</param>
    /// <exception cref="ArgumentException">A matrix of another size, or one with NaN or infinity; a λ out of range.</exception>
    /// <exception cref="SingularInformationException">
    /// No positive pivot is left; the object is of no use until a factorisation succeeds.
    /// </exception>
    public void Factor(ReadOnlySpan<double> information, double ridge)
    {
        CholeskyFactor.RequireRidge(ridge);
        _sum.AsSpan().Clear();
        CholeskyFactor.Add(information, Dimension, _sum);
        CholeskyFactor.AddRidge(ridge, Dimension, _sum);
        CholeskyFactor.Factor(_sum, Dimension, ridge, _cholesky, _update);
        CholeskyFactor.Invert(_cholesky, Dimension, _sum, _update);
        Gemm.Pack<double>(_sum, 1, Dimension, Dimension, Dimension, _packed, Gemm.Part.UpperFactor);
    }

    /// <summary>Writes Z = Φ L⁻ᵀ, so that δᵀM⁻¹δ of two rows is the squared distance of their rows in Z.</summary>
    /// <param name="rows">Φ, [rows, d] row by row.</param>
    /// <param name="whitened">Z, [rows, d], out; not <paramref name="rows"/>.</param>
    /// <exception cref="ArgumentException">Lengths that differ or are no whole number of rows.</exception>
    public void Whiten(ReadOnlySpan<double> rows, Span<double> whitened)
    {
        int d = Dimension, count = d == 0 ? 0 : rows.Length / d;
        if (rows.Length != count * d || whitened.Length != rows.Length)
        {
            throw new ArgumentException(
                $"rows has {rows.Length} values and whitened {whitened.Length}, expected the same whole number of rows of {d}.",
                nameof(whitened));
        }

        if (count > 0)
        {
            Gemm.Multiply<double>(count, d, d, rows, d, 1, _packed, whitened, d, add: false, Gemm.Part.UpperFactor);
        }
    }
}
