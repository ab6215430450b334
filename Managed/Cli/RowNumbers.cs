using System.Globalization;
using FisherKernels.Kernels;
using FisherKernels.Learning;

namespace FisherKernels.Cli;

/// <summary>Rows × columns of numbers as a file holds them; only rows that something names are looked at.</summary>
/// <param name="path">The file.</param>
/// <param name="what">What the numbers are, in the plural.</param>
/// <param name="rows">Number of rows.</param>
/// <param name="columns">Number of columns, at least 1.</param>
/// <param name="singles">The numbers row by row, of a file that float32 holds; else null.</param>
/// <param name="exact">The numbers row by row, of another file; else null.</param>
internal sealed class RowNumbers(string path, string what, int rows, int columns, float[]? singles, double[]? exact)
{
    // Enough for a middle that a few far rows do not move.
    private const int MostLooks = 1001;

    /// <summary>Number of rows.</summary>
    public int Rows => rows;

    /// <summary>Number of columns.</summary>
    public int Columns => columns;

    /// <summary>As float32, with 0 in rows that nothing names.</summary>
    /// <remarks>
    /// What a float64 file has in common to the rows of a column is taken away before the numbers are rounded, because only
    /// differences of rows
    /// count: the middle one of the rows named, which a row far away does not move.
    /// </remarks>
    /// <param name="used">Rows that are named, in any order.</param>
    /// <exception cref="InputException">A number of one of them is not finite, or too far from the others for float32.</exception>
    public Matrix Of(IEnumerable<int> used)
    {
        int[] named = [.. used.Distinct().Order()];
        double[] middle = exact is null ? [] : Middle(named);
        var numbers = new float[rows * columns];
        foreach (int row in named)
        {
            for (int column = 0; column < columns; column++)
            {
                int at = row * columns + column;
                double value = exact is null ? singles![at] : exact[at];
                if (!double.IsFinite(value))
                {
                    throw new InputException(
                        FormattableString.Invariant($"{path}: row {row}, column {column} is {value}; {what} must be finite."));
                }

                numbers[at] = exact is null ? singles![at] : (float)(value - middle[column]);
                if (!float.IsFinite(numbers[at]))
                {
                    throw new InputException(string.Create(CultureInfo.InvariantCulture,
                        $"{path}: row {row}, column {column} is {value}, too far from the rest of its column for float32, which ends at "
                        + $"{float.MaxValue}."));
                }
            }
        }

        return new Matrix(numbers, rows, columns) { Exact = exact };
    }

    private double[] Middle(int[] named)
    {
        int step = Math.Max(1, (named.Length + MostLooks - 1) / MostLooks);
        int[] looks = [.. named.Where((_, j) => j % step == 0)];
        var middle = new double[columns];
        var values = new double[looks.Length];
        for (int column = 0; column < columns && looks.Length > 0; column++)
        {
            for (int j = 0; j < looks.Length; j++)
            {
                values[j] = exact![looks[j] * columns + column];
            }

            Array.Sort(values);
            middle[column] = double.IsFinite(values[looks.Length / 2]) ? values[looks.Length / 2] : 0;
        }

        return middle;
    }
}

/// <summary>Rows × columns of float32, row by row.</summary>
internal sealed record Matrix(float[] Numbers, int Rows, int Columns)
{
    /// <summary>The numbers as they were read, where float32 may not hold them; else null.</summary>
    public double[]? Exact { get; init; }

    /// <summary>How many pairs of rows differ by so little beside their size that float32 loses more than a hundredth of it.</summary>
    public int LostPairs(ReadOnlySpan<Pair> pairs)
    {
        int lost = 0;
        for (int i = 0; Exact is not null && i < pairs.Length; i++)
        {
            int a = pairs[i].First * Columns, b = pairs[i].Second * Columns;
            double whole = 0, off = 0;
            for (int j = 0; j < Columns; j++)
            {
                double difference = Exact[a + j] - Exact[b + j], error = (double)Numbers[a + j] - Numbers[b + j] - difference;
                whole += difference * difference;
                off += error * error;
            }

            lost += off > 1e-4 * whole ? 1 : 0;
        }

        return lost;
    }
}
