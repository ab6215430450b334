using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace FisherKernels.Learning.Design;

/// <summary>L⁻¹ of M = L Lᵀ, and what follows from it, on memory that is kept: for a matrix that is factored again and again.</summary>
/// <remarks>
/// Z is made in tiles of eight rows by a vector of columns that stay in registers: half of R·d² multiply-adds, the other half being
/// zeros of L⁻ᵀ. Rows of Φ and Z are <see cref="Stride"/> numbers long and their count a multiple of eight, with zeros at the ends.
/// </remarks>
internal sealed unsafe class Whitening(int d)
{
    private const int Lanes = 8, Rows = 8;

    private readonly double[] _l = new double[d * d];                           // L⁻¹, zeros above the diagonal
    private readonly double[] _transposed = new double[d * Padded(d, Lanes)];   // [d, stride], L⁻ᵀ

    /// <summary>Numbers of a row of Φ and of Z: d, and up to seven zeros.</summary>
    public int Stride => Padded(d, Lanes);

    /// <summary>Numbers that so many rows take.</summary>
    public int Length(int rows) => Padded(rows, Rows) * Stride;

    /// <summary>Eliminates below the diagonal in place: of M the pivots stay, of 1 becomes what makes L⁻¹ when divided by their roots.</summary>
    /// <returns>Whether each pivot is more than rounding could have made.</returns>
    public bool Factor(ReadOnlySpan<double> information, double ridge)
    {
        information.CopyTo(_l);
        double largest = 0;
        for (int j = 0; j < d; j++)
        {
            _l[j * d + j] += ridge;
            largest = Math.Max(largest, _l[j * d + j]);
        }

        for (int k = 0; k < d; k++)
        {
            Span<double> row = _l.AsSpan(k * d, d);
            double pivot = row[k];
            if (!(pivot > d * Math.ScaleB(largest, -52)))
            {
                return false;
            }

            row[k] = 1;
            for (int j = k + 1; j < d; j++)
            {
                Span<double> below = _l.AsSpan(j * d, d);
                double factor = below[k] / pivot;
                below[k] = 0;
                TensorPrimitives.MultiplyAdd(row, -factor, below, below);
            }

            row[(k + 1)..].Clear();
            TensorPrimitives.Divide(row, Math.Sqrt(pivot), row);
            for (int j = 0; j <= k; j++)
            {
                _transposed[j * Stride + k] = row[j];
            }
        }

        return true;
    }

    /// <summary>M⁻¹ = L⁻ᵀ L⁻¹, [d, d].</summary>
    public void Inverse(Span<double> inverse)
    {
        inverse.Clear();
        for (int k = 0; k < d; k++)
        {
            ReadOnlySpan<double> row = _l.AsSpan(k * d, k + 1);
            for (int j = 0; j <= k; j++)
            {
                Span<double> sum = inverse.Slice(j * d, k + 1);
                TensorPrimitives.MultiplyAdd(row, row[j], sum, sum);
            }
        }
    }

    /// <summary>Z = Φ L⁻ᵀ.</summary>
    public void Whiten(ReadOnlySpan<double> phi, Span<double> z)
    {
        int stride = Stride;
        fixed (double* from = phi, to = z, factor = _transposed)
        {
            for (int a = 0; a < phi.Length; a += Rows * stride)
            {
                for (int j = 0; j < stride; j += Lanes)
                {
                    Tile(from + a, factor + j, to + a + j, Math.Min(d, j + Lanes), stride);
                }
            }
        }
    }

    /// <summary>‖z_a − z_b‖²; the same bits for (b, a).</summary>
    public double Distance2(ReadOnlySpan<double> z, int a, int b)
    {
        ReadOnlySpan<double> one = z.Slice(a * Stride, Stride), other = z.Slice(b * Stride, Stride);
        Vector512<double> sums = default;
        for (int j = 0; j <= one.Length - Lanes; j += Lanes)
        {
            Vector512<double> difference = Vector512.Create(one[j..]) - Vector512.Create(other[j..]);
            sums = Vector512.FusedMultiplyAdd(difference, difference, sums);
        }

        return Vector512.Sum(sums);
    }

    private static void Tile(double* phi, double* factor, double* z, int depth, int stride)
    {
        Vector512<double> z0 = default, z1 = default, z2 = default, z3 = default, z4 = default, z5 = default, z6 = default, z7 = default;
        double* phi4 = phi + 4 * stride;
        for (int k = 0; k < depth; k++)
        {
            Vector512<double> row = Vector512.Load(factor + (long)k * stride);
            z0 = Vector512.FusedMultiplyAdd(Vector512.Create(phi[k]), row, z0);
            z1 = Vector512.FusedMultiplyAdd(Vector512.Create(phi[k + stride]), row, z1);
            z2 = Vector512.FusedMultiplyAdd(Vector512.Create(phi[k + 2 * stride]), row, z2);
            z3 = Vector512.FusedMultiplyAdd(Vector512.Create(phi[k + 3 * stride]), row, z3);
            z4 = Vector512.FusedMultiplyAdd(Vector512.Create(phi4[k]), row, z4);
            z5 = Vector512.FusedMultiplyAdd(Vector512.Create(phi4[k + stride]), row, z5);
            z6 = Vector512.FusedMultiplyAdd(Vector512.Create(phi4[k + 2 * stride]), row, z6);
            z7 = Vector512.FusedMultiplyAdd(Vector512.Create(phi4[k + 3 * stride]), row, z7);
        }

        z0.Store(z);
        z1.Store(z + stride);
        z2.Store(z + 2 * stride);
        z3.Store(z + 3 * stride);
        z4.Store(z + 4 * stride);
        z5.Store(z + 5 * stride);
        z6.Store(z + 6 * stride);
        z7.Store(z + 7 * stride);
    }

    private static int Padded(int length, int whole) => (length + whole - 1) / whole * whole;
}
