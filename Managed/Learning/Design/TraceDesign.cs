using System.Numerics.Tensors;
using FisherKernels.Kernels;

namespace FisherKernels.Learning.Design;

/// <summary>Designs that minimise tr(V M⁻¹), V positive semidefinite (MATH.md §4): A, V and G differ in V alone.</summary>
/// <remarks>
/// −∂ tr(V M⁻¹)/∂w_i = v_i δ_iᵀ M⁻¹ V M⁻¹ δ_i = v_i ‖T δ_i‖² for any T with TᵀT = M⁻¹ V M⁻¹. A rotation from the left
/// changes no ‖T δ‖, so T can be lower triangular, and the operations that whiten with L⁻¹ serve for it unchanged.
/// </remarks>
internal static class TraceDesign
{
    /// <summary>Writes −∂ tr(V M⁻¹)/∂w_i of every pair.</summary>
    /// <param name="graph">n candidate pairs over R responses.</param>
    /// <param name="features">Φ [R, d].</param>
    /// <param name="variances">v [n], ≥ 0.</param>
    /// <param name="precision">M.</param>
    /// <param name="root">B [k, d] row by row, k ≤ d, V = BᵀB.</param>
    /// <param name="gradient">[n], out.</param>
    public static void Gradient(
        PairGraph graph, DeviceArray<float> features, DeviceArray<float> variances, PrecisionMatrix precision, ReadOnlySpan<double> root,
        DeviceArray<float> gradient)
    {
        Backend backend = features.Owner;
        int d = features.Columns;
        using DeviceArray<double> factor = backend.Upload<double>(Factor(precision, root), d, d);
        using DeviceArray<double> z = backend.Allocate<double>(features.Rows, d);
        backend.Whiten(features, factor, z);
        backend.LogDetGradient(graph, z, variances, gradient);
    }

    /// <summary>T [d, d], lower triangular with zeros above, TᵀT = M⁻¹ BᵀB M⁻¹.</summary>
    /// <remarks>With M = LLᵀ and B L⁻ᵀ = QK, K lower triangular: T = K L⁻¹.</remarks>
    public static double[] Factor(PrecisionMatrix precision, ReadOnlySpan<double> root)
    {
        int d = precision.Dimension;
        ReadOnlySpan<double> inverse = precision.InverseCholesky;
        var lower = new double[d * d];
        if (d == 0)
        {
            return lower;
        }

        // Rows of zeros above B change no BᵀB.
        int above = d - root.Length / d;
        for (int i = above; i < d; i++)
        {
            ReadOnlySpan<double> row = root.Slice((i - above) * d, d);
            for (int j = 0; j < d; j++)
            {
                lower[i * d + j] = TensorPrimitives.Dot(row[..(j + 1)], inverse.Slice(j * d, j + 1));
            }
        }

        MakeLower(lower, d);
        var factor = new double[d * d];
        for (int i = 0; i < d; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                Span<double> to = factor.AsSpan(i * d, j + 1);
                TensorPrimitives.MultiplyAdd(inverse.Slice(j * d, j + 1), lower[i * d + j], to, to);
            }
        }

        return factor;
    }

    /// <summary>
    /// B [k, d] with BᵀB = V, k the rank of V: Cholesky's factor with complete pivoting, rows in the order of the pivots.
    /// </summary>
    /// <remarks>
    /// A pivot counts beside its own diagonal entry, so that features in small units keep theirs; what rounding of the sums
    /// alone could have left is none (Higham 2002, §10.3.2).
    /// </remarks>
    /// <param name="matrix">V [d, d], symmetric positive semidefinite up to rounding.</param>
    /// <param name="d">d.</param>
    public static double[] Root(ReadOnlySpan<double> matrix, int d)
    {
        double[] left = matrix.ToArray(), root = new double[d * d];
        double floor = d * Math.Pow(2, -52);
        for (int k = 0; k < d; k++)
        {
            int pivot = -1;
            double share = floor;
            for (int j = 0; j < d; j++)
            {
                double here = matrix[j * d + j] > 0 ? left[j * d + j] / matrix[j * d + j] : 0;
                if (here > share)
                {
                    (pivot, share) = (j, here);
                }
            }

            if (pivot < 0)
            {
                return root[..(k * d)];
            }

            Span<double> row = root.AsSpan(k * d, d);
            TensorPrimitives.Divide(left.AsSpan(pivot * d, d), Math.Sqrt(left[pivot * d + pivot]), row);
            for (int j = 0; j < d; j++)
            {
                Span<double> rest = left.AsSpan(j * d, d);
                TensorPrimitives.MultiplyAdd(row, -row[j], rest, rest);
            }

            // Zero but for rounding: a direction is taken once.
            left.AsSpan(pivot * d, d).Clear();
            for (int j = 0; j < d; j++)
            {
                left[j * d + pivot] = 0;
            }
        }

        return root;
    }

    // Householder reflections from the last column to the first leave K of A = QK below the diagonal, whatever the rank.
    private static void MakeLower(double[] a, int d)
    {
        double[] u = new double[d], product = new double[d];
        for (int j = d - 1; j > 0; j--)
        {
            double above2 = 0;
            for (int i = 0; i <= j; i++)
            {
                u[i] = a[i * d + j];
                above2 += i < j ? u[i] * u[i] : 0;
            }

            if (above2 == 0)
            {
                continue;
            }

            // The sign that adds: nothing cancels.
            double length = Math.Sqrt(above2 + u[j] * u[j]), turned = u[j] > 0 ? -length : length;
            u[j] -= turned;
            double scale = 2 / (above2 + u[j] * u[j]);
            Span<double> sums = product.AsSpan(0, j);
            sums.Clear();
            for (int i = 0; i <= j; i++)
            {
                TensorPrimitives.MultiplyAdd(a.AsSpan(i * d, j), u[i], sums, sums);
            }

            for (int i = 0; i <= j; i++)
            {
                Span<double> row = a.AsSpan(i * d, j);
                TensorPrimitives.MultiplyAdd(sums, -scale * u[i], row, row);
                a[i * d + j] = i < j ? 0 : turned;
            }
        }
    }
}
