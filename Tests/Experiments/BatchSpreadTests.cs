using FisherKernels.Bench.Experiments.Page;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using MathNet.Numerics.LinearAlgebra.Double;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>How far the comparisons of a batch lie apart, and what is read of the pool for it.</summary>
public class BatchSpreadTests
{
    [Test]
    public void By_hand()
    {
        // G = [[4, 0, 4], [0, 1, 0], [4, 0, 4]]: distances √5, √5 and, of (2, 0) and (−2, 0), 0; det(1 + ΔᵀΔ) = det diag(9, 2).
        var spread = BatchSpread.Of([2, 0, 0, 1, -2, 0], 2);

        Assert.That(spread.PairDistance, Is.EqualTo(2 * Math.Sqrt(5) / 3).Within(1e-15));
        Assert.That(spread.LogDet, Is.EqualTo(Math.Log(18)).Within(1e-14));
    }

    [Test]
    public void A_batch_of_one_has_no_distance()
    {
        var spread = BatchSpread.Of([1, 2, 2], 3);

        Assert.That(spread.PairDistance, Is.NaN);
        Assert.That(spread.LogDet, Is.EqualTo(Math.Log(10)).Within(1e-14));
    }

    [TestCase(2, 1)]
    [TestCase(17, 5)]
    [TestCase(5, 33)]
    [TestCase(40, 600)]
    public void Agrees_with_its_definition(int c, int d)
    {
        double[] delta_cD = Draw(c, d);
        var rows = DenseMatrix.Create(c, d, (i, j) => delta_cD[i * d + j]);
        double sum = 0;
        for (int i = 0; i < c; i++)
        {
            for (int j = 0; j < i; j++)
            {
                sum += Math.Min((rows.Row(i) - rows.Row(j)).L2Norm(), (rows.Row(i) + rows.Row(j)).L2Norm());
            }
        }

        double logDet = 2 * (DenseMatrix.CreateIdentity(d) + rows.TransposeThisAndMultiply(rows)).Cholesky().Factor.Diagonal()
            .Sum(Math.Log);

        var spread = BatchSpread.Of(delta_cD, d);

        Assert.That(spread.PairDistance, Is.EqualTo(sum / (c * (c - 1) / 2)).Within(1e-12).Percent);
        Assert.That(spread.LogDet, Is.EqualTo(logDet).Within(1e-11).Percent, "d × d against c × c");
    }

    [Test]
    public void A_pair_turned_round_changes_nothing_and_a_pair_asked_twice_is_no_distance_away()
    {
        double[] delta_cD = Draw(9, 300), turned = [.. delta_cD];
        foreach (int i in (int[])[0, 4, 8])
        {
            for (int j = 0; j < 300; j++)
            {
                turned[i * 300 + j] *= -1;
            }
        }

        (BatchSpread asked, BatchSpread same) = (BatchSpread.Of(delta_cD, 300), BatchSpread.Of(turned, 300));

        Assert.That(same.PairDistance, Is.EqualTo(asked.PairDistance));
        Assert.That(same.LogDet, Is.EqualTo(asked.LogDet).Within(1e-12));
        Assert.That(BatchSpread.Of([.. delta_cD.AsSpan(0, 300), .. turned.AsSpan(0, 300)], 300).PairDistance, Is.Zero);
    }

    [Test]
    public void Rows_are_standardised_and_divided_by_the_root_of_all_columns()
    {
        // Standardised: (1, 1, 0), (−1, 1, 0), (1, −1, 0), (−1, −1, 0): the third column does not vary, and still is a column.
        using var pool = EmbeddingPool.FromArray([13, -1.5f, 7, 7, -1.5f, 7, 13, -2.5f, 7, 7, -2.5f, 7], 3);

        double[] delta_cD = new ChosenRows(pool, Standardisation.FromPool(pool)).Differences([0, 1], [1, 3]);

        double two = 2 / Math.Sqrt(3);
        Assert.That(delta_cD, Is.EqualTo((double[])[two, 0, 0, 0, two, 0]).Within(1e-6));
    }

    [Test]
    public void Only_rows_that_were_chosen_are_read_and_each_once_while_they_fit()
    {
        // A row with NaN cannot be read: after the first batch those of it are broken, too, and the second finds them kept.
        float[] embeddings = [1, 2, 4, 8, float.NaN];
        using var pool = EmbeddingPool.FromArray(embeddings, 1);
        var statistics = new Standardisation([0], [1]);
        var roomy = new ChosenRows(pool, statistics);
        ChosenRows narrow = new(pool, statistics, room: 3);

        Assert.That(narrow.Differences([0, 1], [1, 2]), Is.EqualTo((double[])[-1, -2]));
        Assert.That(roomy.Differences([0, 1], [1, 2]), Is.EqualTo((double[])[-1, -2]));
        embeddings[0] = embeddings[1] = float.NaN;
        Assert.That(roomy.Differences([3, 1], [0, 2]), Is.EqualTo((double[])[7, -2]));
        Assert.That(() => narrow.Differences([3, 1], [0, 2]), Throws.TypeOf<InputException>(), "no room for a fourth: all are read again");
        Assert.That(() => roomy.Differences([4], [0]), Throws.TypeOf<InputException>());
    }

    private static double[] Draw(int rows, int columns)
    {
        var random = new SeededRandom(1, 7);
        return [.. Enumerable.Range(0, rows * columns).Select(_ => 2 * random.NextUniform() - 1)];
    }
}
