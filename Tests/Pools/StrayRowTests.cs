using FisherKernels.Learning;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Pools;

/// <summary>Which rows the statistics of columns leave out, and which columns do not vary.</summary>
public class StrayRowTests : InFolder
{
    private const int Rows = 300, Width = 8;

    [TestCase(1e3f)]
    [TestCase(1e5f)]
    [TestCase(1e8f)]
    [TestCase(1e30f)]
    public void A_stray_row_leaves_the_statistics_as_they_were(float factor)
    {
        float[] clean = Normal(Rows * Width), spoilt = [.. clean];
        foreach (int row in new[] { 7, 250 })
        {
            for (int j = 0; j < Width; j++)
            {
                spoilt[row * Width + j] *= row == 7 ? factor : -10 * factor;
            }
        }

        ColumnStatistics found = Of(spoilt), before = Of(clean);

        Assert.That(found.StrayRows, Is.EqualTo([7, 250]));
        Assert.That(found.Rows, Is.EqualTo(Rows - 2));
        Assert.That(found.StandardDeviation, Is.EqualTo(before.StandardDeviation).Within(0.05));
        Assert.That(before.StrayRows, Is.Empty);
    }

    [Test]
    public void A_single_cell_makes_its_row_stray()
    {
        float[] rows = Normal(Rows * Width);
        rows[5 * Width + 2] = 1e7f;
        Assert.That(Of(rows).StrayRows, Is.EqualTo([5]));
    }

    [TestCase(0, 4, 1)]
    [TestCase(40, 16, 1)]
    [TestCase(296, 4, -1)]
    [TestCase(3, 8, 0)]
    [TestCase(3, 30, 0)]
    public void A_prompt_that_failed_is_stray_with_all_its_rows(int first, int count, int sign)
    {
        // With sign 0 every second of them goes to the other end.
        float[] rows = Normal(Rows * Width), clean = [.. rows];
        for (int row = first; row < first + count; row++)
        {
            rows.AsSpan(row * Width, Width).Fill((sign == 0 ? row % 2 * 2 - 1 : sign) * 1e8f);
        }

        ColumnStatistics found = Of(rows);

        Assert.That(found.StrayRows, Is.EqualTo(Enumerable.Range(first, count)));
        Assert.That(found.StandardDeviation, Is.EqualTo(Of(clean).StandardDeviation).Within(0.1));
    }

    [Test]
    public void Counts_with_heavy_tails_one_of_many_and_binary_columns_have_no_strays()
    {
        const int columns = 40;
        var random = new SeededRandom(5);
        foreach (Func<int, int, double> draw in (Func<int, int, double>[])
        [
            (_, _) => Math.Floor(Math.Pow(random.NextUniform() + 1e-9, -1)),
            (_, _) => random.NextNormal() / Math.Abs(random.NextNormal()),
            (_, _) => Math.Exp(3 * random.NextNormal()),
            (row, column) => row % columns == column ? 1 : 0,
            (_, _) => random.NextUniform() < 0.01 ? 1 : 0,
            (_, _) => random.NextUniform() < 0.03 ? Math.Floor(1 / (random.NextUniform() + 1e-9)) : 0,
        ])
        {
            float[] rows = [.. Enumerable.Range(0, 800 * columns).Select(j => (float)draw(j / columns, j % columns))];
            using EmbeddingPool pool = EmbeddingPool.FromArray(rows, columns);
            Assert.That(pool.Scan().StrayRows, Is.Empty);
        }
    }

    [Test]
    public void Sparse_columns_heavy_tails_and_few_rows_have_no_strays()
    {
        var random = new SeededRandom(3);
        float[] rows = Normal(Rows * Width);
        for (int row = 0; row < Rows; row++)
        {
            rows[row * Width] = row == 9 ? 1 : 0;
            rows[row * Width + 1] = row switch { 10 => 1, 200 => 0.001f, _ => 0 };
            rows[row * Width + 2] = random.NextUniform() < 0.02 ? (float)Math.Exp(3 * random.NextNormal()) : 0;
            rows[row * Width + 3] = (float)Math.Exp(3 * random.NextNormal());
            rows[row * Width + 4] = row;
        }

        Assert.That(Of(rows).StrayRows, Is.Empty);
        Assert.That(Of(rows[..(9 * Width)]).StrayRows, Is.Empty);
    }

    [Test]
    public void Rows_that_are_not_finite_are_listed_and_left_out()
    {
        float[] clean = Normal(Rows * Width), spoilt = [.. clean];
        spoilt[3 * Width] = float.NaN;
        spoilt[100 * Width + 7] = float.PositiveInfinity;
        float[] rest = [.. clean.Where((_, j) => j / Width is not (3 or 100))];

        ColumnStatistics found = Of(spoilt);

        Assert.That(found.BrokenRows, Is.EqualTo([3, 100]));
        Assert.That(found.Mean, Is.EqualTo(Of(rest).Mean));
        Assert.That(found.StandardDeviation, Is.EqualTo(Of(rest).StandardDeviation));
    }

    [TestCase(1e3f)]
    [TestCase(1.1e5f)]
    [TestCase(1e6f)]
    [TestCase(1e-40f)]
    [TestCase(1e38f)]
    public void No_unit_makes_a_column_constant(float unit)
    {
        float[] rows = [.. Normal(Rows * Width).Select((number, j) => Math.Clamp(j % Width == 0 ? number * unit : number, -3e38f, 3e38f))];
        using EmbeddingPool pool = EmbeddingPool.FromArray(rows, Width);
        var found = Standardisation.FromPool(pool);
        found.Apply(rows);

        Assert.That(found.ConstantColumns, Is.Zero);
        Assert.That(rows.Where((_, j) => j % Width == 0).Average(number => (double)number * number), Is.EqualTo(1).Within(1e-3));
    }

    [TestCase(1e9)]
    [TestCase(1e7)]
    public void Float64_is_centred_before_it_is_rounded(double offset)
    {
        double[] wide = [.. Normal(Rows * Width).Select(number => number + offset)];
        Npy.Write<double>(PathOf("e.npy"), wide, [Rows, Width]);
        using EmbeddingPool pool = PoolFile.Load(PathOf("e.npy")),
            near = EmbeddingPool.FromArray([.. wide.Select(number => (float)(number - offset))], Width);

        Assert.That(pool.IsWide);
        Assert.That(pool.Scan().LostInFloat32, Has.Count.EqualTo(Width));
        Assert.That(Read(pool), Is.EqualTo(Read(near)).Within(1e-5));
        Assert.That(near.Scan().LostInFloat32, Is.Empty);

        static float[] Read(EmbeddingPool pool)
        {
            var numbers = new List<float>();
            BradleyTerryMlp.Untrained(new MlpShape(Width, [2], FisherKernels.Kernels.Activation.Gelu), Standardisation.FromPool(pool), 1)
                .Read(pool, [.. Enumerable.Range(0, Rows)], (_, rows) => numbers.AddRange(rows.ToArray()));
            return [.. numbers];
        }
    }

    [Test]
    public void Float64_beyond_the_squares_of_float64_is_standardised_all_the_same([Values(1e-200, 1e200)] double unit)
    {
        Npy.Write<double>(PathOf("e.npy"), [.. Normal(Rows * Width).Select(number => number * unit)], [Rows, Width]);
        using EmbeddingPool pool = PoolFile.Load(PathOf("e.npy"));
        Assert.That(pool.Scan().StandardDeviation.Select(deviation => deviation / unit), Is.All.InRange(0.5, 3));
        Assert.That(Standardisation.FromPool(pool).ConstantColumns, Is.Zero);
    }

    private static ColumnStatistics Of(float[] rows)
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(rows, Width);
        return pool.Scan();
    }

    private static float[] Normal(int count)
    {
        var random = new SeededRandom(12);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }
}
