using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>bytes ≈ a·R·d + b·n + c·d² + e, fitted to what was measured, relative to it.</summary>
/// <param name="BytesPerFeature">a.</param>
/// <param name="BytesPerPair">b.</param>
/// <param name="BytesPerMatrixEntry">c; d² is no more than R·d where there are more responses than features.</param>
/// <param name="BytesAlways">e.</param>
/// <param name="WorstRatio">Measured over fitted or fitted over measured, the largest of cells of <see cref="LeastMegabytes"/> and
/// more.</param>
/// <param name="Cells">How many cells it is fitted to.</param>
internal sealed record MemoryFit(
    double BytesPerFeature, double BytesPerPair, double BytesPerMatrixEntry, double BytesAlways, double WorstRatio, int Cells)
{
    /// <summary>The mark of resident memory is good to some hundred kilobytes: smaller cells say nothing about a ratio.</summary>
    public const double LeastMegabytes = 10;

    /// <summary>The fit; null where too few sizes were measured to tell its terms apart.</summary>
    public static MemoryFit? To(IEnumerable<GrowthCell> cells)
    {
        (GrowthSize Size, double Bytes)[] measured =
            [.. cells.Where(cell => cell.Megabytes >= LeastMegabytes).Select(cell => (cell.Size(), cell.Megabytes!.Value * 1e6))];
        double[][] rows = [.. measured.Select(cell => Terms(cell.Size).Select(term => term / cell.Bytes).ToArray())];
        if (rows.Length == 0)
        {
            return null;
        }

        // Columns of one length, so that their rank is a matter of direction.
        double[] lengths = [.. Enumerable.Range(0, rows[0].Length).Select(j => Math.Sqrt(rows.Sum(row => row[j] * row[j])))];
        Matrix<double> matrix = DenseMatrix.OfRows(rows.Select(row => row.Select((x, j) => x / lengths[j])));
        if (rows.Length < lengths.Length || matrix.Svd().ConditionNumber is not < 1e4)
        {
            return null;
        }

        double[] found = [.. matrix.QR().Solve(DenseVector.Create(rows.Length, 1)).Select((x, j) => x / lengths[j])];
        var fit = new MemoryFit(found[0], found[1], found[2], found[3], 0, rows.Length);
        return fit with
        {
            WorstRatio =
            measured.Max(cell => Math.Max(cell.Bytes / fit.Bytes(cell.Size), fit.Bytes(cell.Size) / cell.Bytes))
        };
    }

    /// <summary>What the fit says of a size.</summary>
    public double Bytes(GrowthSize size)
    {
        double[] terms = Terms(size);
        return BytesPerFeature * terms[0] + BytesPerPair * terms[1] + BytesPerMatrixEntry * terms[2] + BytesAlways;
    }

    private static double[] Terms(GrowthSize size) => [(double)size.Responses * size.Width, size.Pairs, (double)size.Width * size.Width, 1];
}
