using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra.Double;

namespace FisherKernels.Kernels.Numerics;

/// <summary>M = λ·1 + Σ I, its factor L and L⁻¹, in float64 on memory of the caller's, [d, d] row by row (MATH.md §3).</summary>
/// <remarks>Rows are gone through in vectors, with one fused multiply-add a number, in a fixed order.</remarks>
internal static class CholeskyFactor
{
    /// <summary>ε, the unit of the last digit of 1 in float64: 2⁻⁵².</summary>
    public const double Unit = 1.0 / (1L << 52);

    // Numbers of a vector, so that rows are gone through without a rest where d is a multiple of it.
    private const int Whole = 8;

    // Of what is gone through by rows and columns at once: a column of a wide matrix is a cache line for each number.
    private const int Square = 16;

    // Beyond 2 to this, and below its inverse, squares leave float64.
    private const int UsualExponent = 400;

    /// <summary>Refuses a d whose matrices no array could hold.</summary>
    public static void RequireDimension(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dimension);
        if ((long)dimension * dimension > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(dimension), dimension,
                $"A matrix of {dimension}×{dimension} has more than {Array.MaxLength} numbers; use narrower features.");
        }
    }

    /// <summary>Refuses a λ that is not finite, ≥ 0 and at most <see cref="PrecisionMatrix.MostRidge"/>.</summary>
    public static void RequireRidge(double ridge, string name = "ridge")
    {
        if (!(ridge is >= 0 and <= PrecisionMatrix.MostRidge))
        {
            throw new ArgumentOutOfRangeException(name, ridge, "λ must be finite and not negative, and at most 1e100.");
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

        for (int corner = 0; corner < d; corner += Square)
        {
            for (int left = 0; left <= corner; left += Square)
            {
                for (int j = corner; j < Math.Min(corner + Square, d); j++)
                {
                    for (int k = left; k < Math.Min(left + Square, j); k++)
                    {
                        double entry = (information[j * d + k] + information[k * d + j]) / 2;
                        m[j * d + k] += entry;
                        m[k * d + j] += entry;
                    }
                }
            }
        }

        for (int j = 0; j < d; j++)
        {
            m[j * d + j] += information[j * d + j];
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
    /// <param name="update">Who subtracts rows.</param>
    /// <exception cref="SingularInformationException">A pivot that rounding alone could have made, or none.</exception>
    public static void Factor(ReadOnlySpan<double> m, int d, double ridge, Span<double> l, PanelUpdate update)
    {
        double largest = 0;
        for (int j = 0; j < d; j++)
        {
            largest = Math.Max(largest, m[j * d + j]);
        }

        // Rounding of the sums leaves about d·ε·largest on a pivot that is exactly zero (Higham 2002, §10.3.2).
        double floor = d * Unit * largest;

        // Row j of Lᵀ is final when the rows above it are subtracted from what it was: each at once from those of its panel,
        // all of a panel together from those below.
        m.CopyTo(l);
        for (int first = 0; first < d; first += PanelUpdate.Panel)
        {
            int end = Math.Min(first + PanelUpdate.Panel, d);
            for (int j = first; j < end; j++)
            {
                Span<double> row = l.Slice(j * d, d);
                double pivot = row[j];
                if (!(pivot > floor))
                {
                    throw Singular(m, d, ridge, j, pivot, floor);
                }

                // √p as rounded: p/√p can be a unit off.
                double root = Math.Sqrt(pivot);
                TensorPrimitives.Divide(row[(j + 1)..], root, row[(j + 1)..]);
                row[j] = root;
                for (int k = j + 1; k < end; k++)
                {
                    // From a whole vector on: what lies below the diagonal is not read.
                    int start = k / Whole * Whole;
                    Vectors.AddMultiple(-row[k], row[start..], l.Slice(k * d + start, d - start));
                }
            }

            update.Upper(l, d, first, end - first);
        }

        for (int corner = 0; corner < d; corner += Square)
        {
            for (int left = 0; left <= corner; left += Square)
            {
                for (int j = corner; j < Math.Min(corner + Square, d); j++)
                {
                    for (int k = left; k < Math.Min(left + Square, j); k++)
                    {
                        l[j * d + k] = l[k * d + j];
                        l[k * d + j] = 0;
                    }
                }
            }
        }
    }

    /// <summary>L⁻¹, row by row from the rows above: L⁻¹[i] = (e_i − Σ_{k&lt;i} L[i,k] L⁻¹[k]) / L[i,i].</summary>
    /// <param name="l">L.</param>
    /// <param name="d">Rows.</param>
    /// <param name="inverse">L⁻¹, out, lower triangular with zeros above.</param>
    /// <param name="update">Who subtracts rows.</param>
    public static void Invert(ReadOnlySpan<double> l, int d, Span<double> inverse, PanelUpdate update)
    {
        inverse.Clear();
        for (int first = 0; first < d; first += PanelUpdate.Panel)
        {
            int end = Math.Min(first + PanelUpdate.Panel, d);
            for (int i = first; i < end; i++)
            {
                Span<double> row = inverse.Slice(i * d, d);
                for (int k = first; k < i; k++)
                {
                    // To a whole vector: there are zeros above the diagonal.
                    int width = Math.Min(d, (k / Whole + 1) * Whole);
                    Vectors.AddMultiple(-l[i * d + k], inverse.Slice(k * d, width), row[..width]);
                }

                row[i] = 1;
                TensorPrimitives.Divide(row[..(i + 1)], l[i * d + i], row[..(i + 1)]);
            }

            update.Lower(l, inverse, d, first, end - first);
        }
    }

    /// <summary>log det M = 2 Σ log L[j,j], in nats.</summary>
    public static double LogDeterminant(ReadOnlySpan<double> l, int d) => LogDeterminantOf(l, d + 1);

    /// <summary>The same from numbers of which every so-many-th is one of the diagonal, the first of all to begin with.</summary>
    public static double LogDeterminantOf(ReadOnlySpan<double> numbers, int step)
    {
        double sum = 0;
        for (int at = 0; at < numbers.Length; at += step)
        {
            sum += Math.Log(numbers[at]);
        }

        return 2 * sum;
    }

    /// <summary>Eigenvalues of a symmetric matrix, ascending.</summary>
    public static double[] Eigenvalues(ReadOnlySpan<double> matrix, int d)
    {
        if (d == 0)
        {
            return [];
        }

        // The decomposition squares numbers on its way, which 1e200 does not survive. A power of two is taken out without rounding.
        double largest = Math.Abs(TensorPrimitives.MaxMagnitude(matrix));
        int exponent = largest > 0 && Math.Abs(Math.ILogB(largest)) > UsualExponent ? Math.ILogB(largest) : 0;
        double[] scaled = [.. matrix.ToArray().Select(value => Math.ScaleB(value, -exponent))];
        return [.. new DenseMatrix(d, d, scaled).Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric)
            .EigenValues.Select(value => Math.ScaleB(value.Real, exponent)).Order()];
    }

    private static SingularInformationException Singular(ReadOnlySpan<double> m, int d, double ridge, int j, double pivot, double floor) =>
        new(d, Math.Min(Eigenvalues(m, d).Count(value => value > floor), d - 1), ridge, j, pivot);
}
