using FisherKernels.Bench.Cases;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Pools;

/// <summary>Statistics of a pool that is read in blocks, against the definition on all of it.</summary>
public class ScanTests : InFolder
{
    private static readonly Tolerance Rounding = new(1e-12, "sums of float32 in float64") { OfEach = true, Floor = 1e-12 };

    [Test]
    public void By_hand()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray([1, 5, 3, 5, 5, 5], 2);
        ColumnStatistics columns = pool.Scan();
        Assert.That(columns.Mean, Is.EqualTo([3.0, 5.0]));
        Assert.That(columns.StandardDeviation, Is.EqualTo([Math.Sqrt(8.0 / 3), 0.0]));
    }

    // A block has 2^20 numbers and eight are read together: one block, some, and more than eight.
    [TestCase(17, 3)]
    [TestCase(40_000, 64)]
    [TestCase(5_000, 2048)]
    public void As_by_the_definition(int rows, int columns)
    {
        // Far from zero, where the mean of squares less the square of the mean would have lost its digits.
        float[] numbers = [.. Enumerable.Range(0, rows * columns).Select(j => 1000 * (j % columns) + MathF.Sin(j))];
        Npy.Write<float>(PathOf("e.npy"), numbers, [rows, columns]);
        using EmbeddingPool pool = PoolFile.Load(PathOf("e.npy"));
        var told = new Told();

        ColumnStatistics found = pool.Scan(told);

        double[] mean = new double[columns], square = new double[columns];
        for (int j = 0; j < numbers.Length; j++)
        {
            mean[j % columns] += (double)numbers[j] / rows;
        }

        for (int j = 0; j < numbers.Length; j++)
        {
            double step = numbers[j] - mean[j % columns];
            square[j % columns] += step * step / rows;
        }

        Expect.Close(found.Mean, mean, Rounding, "mean");
        Expect.Close(
            found.StandardDeviation, [.. square.Select(Math.Sqrt)], new(1e-8, "a mean of 10^6 known to 16 digits") { OfEach = true },
            "deviation");
        Assert.That(told.Shares, Is.Ordered.Ascending);
        Assert.That(told.Shares[^1], Is.EqualTo(1));
        Expect.SameBits([pool.Scan().Mean, pool.Scan().StandardDeviation], [found.Mean, found.StandardDeviation], "again");
    }

    [Test]
    public void Only_a_few_blocks_are_in_memory_at_once()
    {
        // 20 million numbers in a file of zeros that takes no room; eight blocks of float32 are 32 MB.
        string path = PathOf("e.npy");
        Npy.Write<float>(path, [], [0, 1000]);
        byte[] header = File.ReadAllBytes(path);
        string text = System.Text.Encoding.ASCII.GetString(header, 10, header.Length - 10)
            .Replace("(0, 1000), }     ", "(20000, 1000), } ", StringComparison.Ordinal);
        System.Text.Encoding.ASCII.GetBytes(text).CopyTo(header, 10);
        using (var stream = new FileStream(path, FileMode.Create))
        {
            stream.Write(header);
            stream.SetLength(header.Length + 20_000_000L * sizeof(float));
        }

        using EmbeddingPool pool = PoolFile.Load(path);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        ColumnStatistics columns = pool.Scan();
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(50_000_000));
        Assert.That(columns.StandardDeviation, Is.All.Zero);
    }

    [Test]
    public void Stops_when_asked()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(new float[10], 2);
        Assert.That(() => pool.Scan(new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class Told : IProgress<double>
    {
        public List<double> Shares { get; } = [];

        public void Report(double value) => Shares.Add(value);
    }
}
