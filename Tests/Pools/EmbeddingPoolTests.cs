using FisherKernels.Learning;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Pools;

/// <summary>Rows of a pool, the prompts they belong to, and what is no pool.</summary>
public class EmbeddingPoolTests : InFolder
{
    [Test]
    public void Three_axes_are_prompts_responses_and_width()
    {
        using EmbeddingPool pool = Load([2, 3, 4], [.. Enumerable.Range(0, 24).Select(j => (float)j)]);
        Assert.That((pool.Responses, pool.Dimension, pool.Prompts), Is.EqualTo((6, 4, 2)));
        Assert.That(Enumerable.Range(0, 6).Select(pool.PromptOf), Is.EqualTo([0, 0, 0, 1, 1, 1]));
        Assert.That(pool.ResponsesOf(1).ToArray(), Is.EqualTo([3, 4, 5]));
        Assert.That(Rows(pool, 5, 0, 1, 5), Is.EqualTo([20f, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23]));
    }

    [Test]
    public void Two_axes_are_one_prompt_or_those_of_a_second_file()
    {
        using (EmbeddingPool one = Load([4, 2], new float[8]))
        {
            Assert.That(one.Prompts, Is.EqualTo(1));
            Assert.That(one.ResponsesOf(0).ToArray(), Is.EqualTo([0, 1, 2, 3]));
        }

        Npy.Write<long>(PathOf("p.npy"), [70, -3, 70, 1L << 40], [4]);
        using EmbeddingPool pool = PoolFile.Load(PathOf("e.npy"), PathOf("p.npy"));
        Assert.That(pool.Prompts, Is.EqualTo(3));
        Assert.That(pool.ResponsesOf(0).ToArray(), Is.EqualTo([0, 2]));
        Assert.That(Enumerable.Range(0, 4).Select(pool.PromptOf), Is.EqualTo([0, 1, 0, 2]));
    }

    [Test]
    public void A_pool_in_memory()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray([1, 2, 3, 4, 5, 6], 2, [9, 4, 9]);
        Assert.That((pool.Responses, pool.Dimension, pool.Prompts), Is.EqualTo((3, 2, 2)));
        Assert.That(pool.ResponsesOf(0).ToArray(), Is.EqualTo([0, 2]));
        Assert.That(Rows(pool, 2, 1), Is.EqualTo([5f, 6, 3, 4]));
        Assert.That(() => EmbeddingPool.FromArray(new float[5], 2), Throws.ArgumentException);
        Assert.That(() => EmbeddingPool.FromArray(new float[4], 2, [1]), Throws.ArgumentException);
    }

    [TestCase(0, 3, 4, TestName = "No_prompts")]
    [TestCase(3, 0, 4, TestName = "No_responses")]
    public void An_empty_pool(int prompts, int responses, int dimension)
    {
        using EmbeddingPool pool = Load<float>([prompts, responses, dimension], []);
        Assert.That((pool.Responses, pool.Prompts), Is.EqualTo((0, 0)));
        Assert.That(pool.Scan().StandardDeviation, Is.EqualTo(new double[4]));
        pool.Read([], []);
    }

    [TestCase(new long[] { 8 }, TestName = "One_axis_is_no_pool")]
    [TestCase(new long[] { 1, 2, 2, 2 }, TestName = "Four_axes_are_no_pool")]
    [TestCase(new long[] { 8, 0 }, TestName = "A_width_of_0_is_no_pool")]
    [TestCase(new long[] { 1, 1 << 21 }, TestName = "A_width_of_millions_is_no_pool")]
    public void A_shape_that_is_no_pool(long[] shape) => Assert.That(
        () => Load(shape, new float[shape.Aggregate((product, axis) => product * axis)]),
        Throws.TypeOf<InputException>().With.Message.StartsWith(PathOf("e.npy")));

    [Test]
    public void Prompts_that_do_not_fit()
    {
        Npy.Write<long>(PathOf("p.npy"), [1, 2, 3], [3]);
        Assert.That(() => Load([4, 2], new float[8], PathOf("p.npy")),
            Throws.TypeOf<InputException>().With.Message.Contains("has 3 prompts, the embeddings 4 rows"));
        Npy.Write<float>(PathOf("p.npy"), [1, 2, 3, 4.5f], [4]);
        Assert.That(() =>
            Load([4, 2], new float[8], PathOf("p.npy")), Throws.TypeOf<InputException>().With.Message.Contains("number 3 is 4.5"));
    }

    [Test]
    public void What_is_not_finite_is_named([Values(float.NaN, float.NegativeInfinity)] float broken, [Values(0, 13, 149)] int at)
    {
        var numbers = new float[150];
        numbers[at] = broken;
        using EmbeddingPool pool = Load([2, 5, 15], numbers);
        int row = at / 15;
        string place = FormattableString.Invariant(
            $"{PathOf("e.npy")}: row {row} (prompt {row / 5}, response {row % 5}), column {at % 15} is {broken}");
        Assert.That(() => Rows(pool, [.. Enumerable.Range(0, 10)]), Throws.TypeOf<InputException>().With.Message.StartsWith(place));
        Assert.That(() => pool.ReadDoubles([row], new double[15]), Throws.TypeOf<InputException>().With.Message.StartsWith(place));
        Assert.That(() => pool.RequireFinite(pool.Scan()), Throws.TypeOf<InputException>().With.Message.StartsWith(place));
        Assert.That(Rows(pool, row == 0 ? 1 : 0), Is.EqualTo(new float[15]));
    }

    [Test]
    public void The_place_within_a_prompt_whose_rows_are_scattered()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray([0, 0, float.NaN, 0], 1, [5, 6, 5, 6]);
        Assert.That(() => Rows(pool, 2), Throws.TypeOf<InputException>().With.Message.Contains("row 2 (prompt 5, response 1), column 0"));
    }

    [TestCase(-1)]
    [TestCase(6)]
    [TestCase(int.MaxValue)]
    public void A_row_that_is_not_there(int row)
    {
        using EmbeddingPool pool = Load([2, 3, 4], new float[24]);
        Assert.That(() =>
            Rows(pool, 5, row), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith("Rows run from 0 to 5."));
        Assert.That(() => pool.Read([0], new float[3]), Throws.ArgumentException);
    }

    [Test]
    public void Many_rows_in_any_order_are_read_as_one_by_one([Values] bool half)
    {
        // More than two blocks of 2^20 numbers, so that several threads read.
        const int rows = 5000, columns = 512;
        float[] numbers = [.. Enumerable.Range(0, rows * columns).Select(j => (float)(Half)MathF.Sin(j))];
        using EmbeddingPool pool = half
            ? Load([rows, columns], [.. numbers.Select(number => (Half)number)]) : Load([rows, columns], numbers);
        int[] order = [.. Enumerable.Range(0, rows).Select(j => j % 3 == 0 ? j : (j * 7 + 3) % rows)];
        float[] read = Rows(pool, order);
        for (int j = 0; j < rows; j++)
        {
            Assert.That(read.AsSpan(j * columns, columns)
                .SequenceEqual(numbers.AsSpan(order[j] * columns, columns)), Is.True, $"row {order[j]}");
        }
    }

    [Test]
    public void Of_several_broken_rows_the_first_is_named()
    {
        const int rows = 5000, columns = 512;
        var numbers = new float[rows * columns];
        foreach (int row in new[] { 4999, 2500, 100 })
        {
            numbers[row * columns + 7] = float.NaN;
        }

        using EmbeddingPool pool = Load([rows, columns], numbers);
        Assert.That(() => Rows(pool, [.. Enumerable.Range(0, rows)]), Throws.TypeOf<InputException>().With.Message.Contains("row 100 "));
        Assert.That(pool.NotFinite([.. Enumerable.Range(0, rows)]), Is.EqualTo([100, 2500, 4999]));
        Assert.That(() => pool.RequireFinite(pool.Scan()), Throws.TypeOf<InputException>().With.Message.Contains("row 100 "));
    }

    private static float[] Rows(EmbeddingPool pool, params int[] responses)
    {
        var rows = new float[responses.Length * pool.Dimension];
        pool.Read(responses, rows);
        return rows;
    }

    private EmbeddingPool Load<T>(long[] shape, T[] numbers, string? prompts = null)
        where T : unmanaged
    {
        Npy.Write<T>(PathOf("e.npy"), numbers, shape);
        return PoolFile.Load(PathOf("e.npy"), prompts);
    }
}
