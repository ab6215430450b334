using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra.Double;

namespace FisherKernels.Kernels;

/// <summary>M = λ·1 + I_past + I, factored once: M = L Lᵀ in float64 on the host (MATH.md §3).</summary>
/// <remarks>
/// d × d work stays here for every backend, so that a factor cannot differ between them. A pivot that rounding alone could
/// have made is refused: a factor of a matrix that is singular to float64 would choose at random and not say so.
/// </remarks>
public sealed class PrecisionMatrix
{
    private readonly double[] _precision;
    private readonly double[] _cholesky;
    private double[]? _inverseCholesky;
    private double[]? _eigenvalues;

    /// <summary>Adds up and factors.</summary>
    /// <param name="dimension">d ≥ 0.</param>
    /// <param name="ridge">λ ≥ 0, finite.</param>
    /// <param name="informations">I, I_past, …: each [d, d], row by row, symmetric up to rounding.</param>
    /// <exception cref="ArgumentException">A matrix of another size, or one with NaN or infinity.</exception>
    /// <exception cref="SingularInformationException">No positive pivot is left.</exception>
    public PrecisionMatrix(int dimension, double ridge, params ReadOnlySpan<double[]> informations)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dimension);
        if (!double.IsFinite(ridge) || ridge < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(ridge), ridge, "λ must be finite and not negative.");
        }

        Dimension = dimension;
        Ridge = ridge;
        _precision = Sum(dimension, ridge, informations);
        _cholesky = Factor();
    }

    /// <summary>d.</summary>
    public int Dimension { get; }

    /// <summary>λ.</summary>
    public double Ridge { get; }

    /// <summary>M, [d, d] row by row, exactly symmetric.</summary>
    public ReadOnlySpan<double> Precision => _precision;

    /// <summary>L, [d, d] row by row, lower triangular with zeros above.</summary>
    public ReadOnlySpan<double> Cholesky => _cholesky;

    /// <summary>L⁻¹, [d, d] row by row, lower triangular with zeros above.</summary>
    public ReadOnlySpan<double> InverseCholesky => _inverseCholesky ??= Invert();

    /// <summary>log det M, in nats.</summary>
    public double LogDeterminant
    {
        get
        {
            double sum = 0;
            for (int j = 0; j < Dimension; j++)
            {
                sum += Math.Log(_cholesky[j * Dimension + j]);
            }

            return 2 * sum;
        }
    }

    /// <summary>Largest over smallest eigenvalue of M; infinity where the smallest is not positive in float64, 1 for d = 0.</summary>
    public double ConditionNumber
    {
        get
        {
            _eigenvalues ??= Eigenvalues(_precision, Dimension);
            return Dimension == 0 ? 1 : _eigenvalues[0] > 0 ? _eigenvalues[^1] / _eigenvalues[0] : double.PositiveInfinity;
        }
    }

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

    private static double[] Sum(int d, double ridge, ReadOnlySpan<double[]> informations)
    {
        var sum = new double[d * d];
        foreach (double[] information in informations)
        {
            if (information.Length != d * d)
            {
                throw new ArgumentException(
                    $"An information matrix has {information.Length} numbers, expected {d}×{d}.", nameof(informations));
            }

            for (int j = 0; j < d; j++)
            {
                for (int k = 0; k < d; k++)
                {
                    sum[j * d + k] += (information[j * d + k] + information[k * d + j]) / 2;
                }
            }
        }

        foreach (double entry in sum)
        {
            if (!double.IsFinite(entry))
            {
                throw new ArgumentException(
                    "An information matrix has entries that are not finite: features, rewards or weights overflowed.",
                    nameof(informations));
            }
        }

        for (int j = 0; j < d; j++)
        {
            sum[j * d + j] += ridge;
        }

        return sum;
    }

    // Row by row (Cholesky–Banachiewicz): both rows of each inner product are contiguous.
    private double[] Factor()
    {
        int d = Dimension;
        double largest = 0;
        for (int j = 0; j < d; j++)
        {
            largest = Math.Max(largest, _precision[j * d + j]);
        }

        // Rounding of the sums leaves about d·ε·largest on a pivot that is exactly zero (Higham 2002, §10.3.2).
        double floor = d * Math.Pow(2, -52) * largest;
        var l = new double[d * d];
        for (int i = 0; i < d; i++)
        {
            Span<double> row = l.AsSpan(i * d, d);
            for (int j = 0; j < i; j++)
            {
                ReadOnlySpan<double> other = l.AsSpan(j * d, d);
                row[j] = (_precision[i * d + j] - TensorPrimitives.Dot((ReadOnlySpan<double>)row[..j], other[..j])) / other[j];
            }

            double pivot = _precision[i * d + i] - TensorPrimitives.SumOfSquares((ReadOnlySpan<double>)row[..i]);
            if (!(pivot > floor))
            {
                double[] eigenvalues = Eigenvalues(_precision, d);
                int rank = eigenvalues.Count(value => value > floor);
                throw new SingularInformationException(d, Math.Min(rank, d - 1), Ridge, i, pivot);
            }

            row[i] = Math.Sqrt(pivot);
        }

        return l;
    }

    // Row i of L⁻¹ from the rows above it: L⁻¹[i] = (e_i − Σ_{k<i} L[i,k] L⁻¹[k]) / L[i,i].
    private double[] Invert()
    {
        int d = Dimension;
        var inverse = new double[d * d];
        for (int i = 0; i < d; i++)
        {
            Span<double> row = inverse.AsSpan(i * d, i + 1);
            for (int k = 0; k < i; k++)
            {
                TensorPrimitives.MultiplyAdd(
                    (ReadOnlySpan<double>)inverse.AsSpan(k * d, k + 1), -_cholesky[i * d + k], row[..(k + 1)], row[..(k + 1)]);
            }

            row[i] = 1;
            TensorPrimitives.Divide(row, _cholesky[i * d + i], row);
        }

        return inverse;
    }

    private static double[] Eigenvalues(double[] matrix, int d) => d == 0
        ? []
        : [.. new DenseMatrix(d, d, (double[])matrix.Clone()).Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric)
            .EigenValues.Select(value => value.Real).Order()];
}
