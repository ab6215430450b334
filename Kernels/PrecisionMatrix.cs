using System.Numerics.Tensors;

namespace FisherKernels.Kernels;

/// <summary>M = λ·1 + I_past + I, factored once: M = L Lᵀ in float64 on the host (MATH.md §3).</summary>
/// <remarks>
/// d × d work stays here for every backend, so that a factor cannot differ between them. A pivot that rounding alone could
/// have made is refused: a factor of a matrix that is singular to float64 would choose at random and not say so.
/// </remarks>
public sealed class PrecisionMatrix
{
    /// <summary>λ at most: whatever stands beside it has no digit left in M then.</summary>
    public const double MostRidge = 1e100;

    /// <summary>Gives back a ridge λ that is finite, not negative and at most <see cref="MostRidge"/>, and refuses any other.</summary>
    /// <param name="ridge">λ.</param>
    /// <param name="name">What the caller calls it.</param>
    /// <exception cref="ArgumentOutOfRangeException">Any other value.</exception>
    public static double RequireRidge(double ridge, string name)
    {
        CholeskyFactor.RequireRidge(ridge, name);
        return ridge;
    }

    private readonly double[] _precision;
    private double[]? _cholesky;
    private double[]? _inverseCholesky;
    private double[]? _eigenvalues;
    private double? _logDeterminant;

    /// <summary>Adds up and factors.</summary>
    /// <param name="dimension">d ≥ 0.</param>
    /// <param name="ridge">λ ≥ 0, finite.</param>
    /// <param name="informations">I, I_past, …: each [d, d], row by row, symmetric up to rounding.</param>
    /// <exception cref="ArgumentException">A matrix of another size, or one with NaN or infinity.</exception>
    /// <exception cref="SingularInformationException">No positive pivot is left.</exception>
    public PrecisionMatrix(int dimension, double ridge, params ReadOnlySpan<double[]> informations)
    {
        CholeskyFactor.RequireDimension(dimension);
        CholeskyFactor.RequireRidge(ridge);
        Dimension = dimension;
        Ridge = ridge;
        _precision = new double[dimension * dimension];
        foreach (double[] information in informations)
        {
            CholeskyFactor.Add(information, dimension, _precision);
        }

        CholeskyFactor.AddRidge(ridge, dimension, _precision);
        _cholesky = Factor();
    }

    /// <summary>Takes over what a backend made: M, L and, where it was needed, L⁻¹.</summary>
    internal PrecisionMatrix(int dimension, double ridge, double[] precision, double[] cholesky, double[]? inverseCholesky) =>
        (Dimension, Ridge, _precision, _cholesky, _inverseCholesky) = (dimension, ridge, precision, cholesky, inverseCholesky);

    /// <summary>Takes over an M that a device has factored and found regular: L is made here when it is asked for, and is the
    /// same.</summary>
    internal PrecisionMatrix(int dimension, double ridge, double[] precision, double logDeterminant) =>
        (Dimension, Ridge, _precision, _logDeterminant) = (dimension, ridge, precision, logDeterminant);

    private PrecisionMatrix(PrecisionMatrix before, ReadOnlySpan<double> information)
    {
        (Dimension, Ridge, _precision) = (before.Dimension, before.Ridge, [.. before._precision]);
        CholeskyFactor.Add(information, Dimension, _precision);
        CholeskyFactor.AddRidge(0, Dimension, _precision);
        _cholesky = Factor();
    }

    /// <summary>Width d of the features, the rows of M.</summary>
    public int Dimension { get; }

    /// <summary>The ridge λ ≥ 0 on the diagonal of M.</summary>
    public double Ridge { get; }

    /// <summary>M, [d, d] row by row, exactly symmetric.</summary>
    public ReadOnlySpan<double> Precision => _precision;

    /// <summary>L, [d, d] row by row, lower triangular with zeros above.</summary>
    public ReadOnlySpan<double> Cholesky => _cholesky ??= Factor();

    /// <summary>L⁻¹, [d, d] row by row, lower triangular with zeros above.</summary>
    public ReadOnlySpan<double> InverseCholesky
    {
        get
        {
            if (_inverseCholesky is null)
            {
                var inverse = new double[Dimension * Dimension];
                CholeskyFactor.Invert(Cholesky, Dimension, inverse, new PanelUpdate(null));
                _inverseCholesky = inverse;
            }

            return _inverseCholesky;
        }
    }

    /// <summary>log det M, in nats.</summary>
    public double LogDeterminant => _logDeterminant ??= CholeskyFactor.LogDeterminant(Cholesky, Dimension);

    /// <summary>Largest over smallest eigenvalue of M; infinity where the smallest is not positive in float64, 1 for d = 0.</summary>
    public double ConditionNumber
    {
        get
        {
            _eigenvalues ??= CholeskyFactor.Eigenvalues(_precision, Dimension);
            return Dimension == 0 ? 1 : _eigenvalues[0] > 0 ? _eigenvalues[^1] / _eigenvalues[0] : double.PositiveInfinity;
        }
    }

    /// <summary>M + I, factored.</summary>
    /// <param name="information">I [d, d], row by row, symmetric up to rounding.</param>
    /// <exception cref="ArgumentException">A matrix of another size, or one with NaN or infinity.</exception>
    /// <exception cref="SingularInformationException">No positive pivot is left.</exception>
    public PrecisionMatrix Plus(ReadOnlySpan<double> information) => new(this, information);

    /// <summary>tr(M⁻¹ A) = tr(L⁻¹ A L⁻ᵀ) for a symmetric A, [d, d].</summary>
    public double TraceOfInverseTimes(ReadOnlySpan<double> matrix)
    {
        if (matrix.Length != Dimension * Dimension)
        {
            throw new ArgumentException(
                $"matrix has {matrix.Length} numbers, expected {Dimension}×{Dimension}.", nameof(matrix));
        }

        ReadOnlySpan<double> inverse = InverseCholesky;
        double trace = 0;
        for (int j = 0; j < Dimension; j++)
        {
            ReadOnlySpan<double> row = inverse.Slice(j * Dimension, j + 1);
            for (int k = 0; k <= j; k++)
            {
                trace += row[k] * TensorPrimitives.Dot(matrix.Slice(k * Dimension, j + 1), row);
            }
        }

        return trace;
    }

    /// <summary>tr M⁻¹.</summary>
    public double TraceOfInverse
    {
        get
        {
            ReadOnlySpan<double> inverse = InverseCholesky;
            return TensorPrimitives.Dot(inverse, inverse);
        }
    }

    private double[] Factor()
    {
        var cholesky = new double[Dimension * Dimension];
        CholeskyFactor.Factor(_precision, Dimension, Ridge, cholesky, new PanelUpdate(null));
        return cholesky;
    }
}
