using System.Numerics.Tensors;
using FisherKernels.Kernels.Cpu;
using MathNet.Numerics.LinearAlgebra.Double;

namespace FisherKernels.Kernels;

/// <summary>M = λ·1 + Σ I, its factor L and L⁻¹, in float64 on memory of the caller's, [d, d] row by row (MATH.md §3).</summary>
/// <remarks>Rows are gone through in vectors, with one fused multiply-add a number, in a fixed order.</remarks>
internal static class CholeskyFactor
{
    // Numbers of a vector, so that rows are gone through without a rest where d is a multiple of it.
    private const int Whole = 8;

    /// <summary>Refuses a λ that is not finite and ≥ 0.</summary>
    public static void RequireRidge(double ridge)
    {
        if (!double.IsFinite(ridge) || ridge < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(ridge), ridge, "λ must be finite and not negative.");
        }
    }

    /// <summary>m += (I + Iᵀ)/2.</summary>
    /// <param name="information">I.</param>
    /// <param name="d">Rows.</param>
    /// <param name="m">Sum so far.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    public static void Add(ReadOnlySpan<double> information, int d, Span<double> m)
    {
        if (information.Length != d * d)
        {
            throw new ArgumentException(
                $"An information matrix has {information.Length} numbers, expected {d}×{d}.", nameof(information));
        }

        for (int j = 0; j < d; j++)
        {
            m[j * d + j] += information[j * d + j];
            for (int k = 0; k < j; k++)
            {
                double entry = (information[j * d + k] + information[k * d + j]) / 2;
                m[j * d + k] += entry;
                m[k * d + j] += entry;
            }
        }
    }

    /// <summary>m += λ·1, after a look whether m is finite.</summary>
    /// <exception cref="ArgumentException">m has NaN or infinity.</exception>
    public static void AddRidge(double ridge, int d, Span<double> m)
    {
        foreach (double entry in m)
        {
            if (!double.IsFinite(entry))
            {
                throw new ArgumentException(
                    "An information matrix has entries that are not finite: features, rewards or weights overflowed.",
                    nameof(m));
            }
        }

        for (int j = 0; j < d; j++)
        {
            m[j * d + j] += ridge;
        }
    }

    /// <summary>L, lower triangular with zeros above, M = L Lᵀ.</summary>
    /// <param name="m">M, symmetric.</param>
    /// <param name="d">Rows.</param>
    /// <param name="ridge">λ, for the message.</param>
    /// <param name="l">L, out.</param>
    /// <exception cref="SingularInformationException">A pivot that rounding alone could have made, or none.</exception>
    public static void Factor(ReadOnlySpan<double> m, int d, double ridge, Span<double> l)
    {
        double largest = 0;
        for (int j = 0; j < d; j++)
        {
            largest = Math.Max(largest, m[j * d + j]);
        }

        // Rounding of the sums leaves about d·ε·largest on a pivot that is exactly zero (Higham 2002, §10.3.2).
        double floor = d * Math.Pow(2, -52) * largest;

        // Row j of Lᵀ is final when the rows above it are subtracted from what it was: each is subtracted from all below at once.
        m.CopyTo(l);
        for (int j = 0; j < d; j++)
        {
            Span<double> row = l.Slice(j * d, d);
            double pivot = row[j];
            if (!(pivot > floor))
            {
                throw Singular(m, d, ridge, j, pivot, floor);
            }

            TensorPrimitives.Divide(row[j..], Math.Sqrt(pivot), row[j..]);
            for (int k = j + 1; k < d; k++)
            {
                // From a whole vector on: what lies below the diagonal is not read.
                int start = k / Whole * Whole;
                VectorMath.AddMultiple(-row[k], row[start..], l.Slice(k * d + start, d - start));
            }
        }

        for (int j = 0; j < d; j++)
        {
            for (int k = j + 1; k < d; k++)
            {
                l[k * d + j] = l[j * d + k];
                l[j * d + k] = 0;
            }
        }
    }

    /// <summary>L⁻¹, row by row from the rows above: L⁻¹[i] = (e_i − Σ_{k&lt;i} L[i,k] L⁻¹[k]) / L[i,i].</summary>
    /// <param name="l">L.</param>
    /// <param name="d">Rows.</param>
    /// <param name="inverse">L⁻¹, out, lower triangular with zeros above.</param>
    public static void Invert(ReadOnlySpan<double> l, int d, Span<double> inverse)
    {
        inverse.Clear();
        for (int i = 0; i < d; i++)
        {
            Span<double> row = inverse.Slice(i * d, d);
            for (int k = 0; k < i; k++)
            {
                // To a whole vector: there are zeros above the diagonal.
                int end = Math.Min(d, (k / Whole + 1) * Whole);
                VectorMath.AddMultiple(-l[i * d + k], inverse.Slice(k * d, end), row[..end]);
            }

            row[i] = 1;
            TensorPrimitives.Divide(row[..(i + 1)], l[i * d + i], row[..(i + 1)]);
        }
    }

    /// <summary>log det M = 2 Σ log L[j,j], in nats.</summary>
    public static double LogDeterminant(ReadOnlySpan<double> l, int d)
    {
        double sum = 0;
        for (int j = 0; j < d; j++)
        {
            sum += Math.Log(l[j * d + j]);
        }

        return 2 * sum;
    }

    /// <summary>Eigenvalues of a symmetric matrix, ascending.</summary>
    public static double[] Eigenvalues(ReadOnlySpan<double> matrix, int d) => d == 0
        ? []
        : [.. new DenseMatrix(d, d, matrix.ToArray()).Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric)
            .EigenValues.Select(value => value.Real).Order()];

    private static SingularInformationException Singular(ReadOnlySpan<double> m, int d, double ridge, int j, double pivot, double floor) =>
        new(d, Math.Min(Eigenvalues(m, d).Count(value => value > floor), d - 1), ridge, j, pivot);
}
