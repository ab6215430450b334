using CsCheck;
using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>The greedy batch against its definition: every gain anew from M in every step.</summary>
public class BatchesGreedyTests
{
    private static readonly Backend On = Backend.Open(BackendKind.Cpu, 2);

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void By_hand()
    {
        // δ = (2, 0), (0, 1), (2, 1), v = ¼, M = 1: gains log(1 + g), g = 1, ¼, 5/4. Then M = (2, ½; ½, 5/4), det 9/4:
        // g = ¼·4·(5/4)/(9/4) = 5/9 and ¼·2/(9/4) = 2/9.
        using var phi = On.Upload<float>([0, 0, 2, 0, 0, 1, 2, 1], 4, 2);
        using PairGraph graph = On.Graph([new(1, 0), new(0, 2), new(3, 0)], 4);
        using var v = On.Upload<float>([0.25f, 0.25f, 0.25f], 3);
        GreedyBatch batch = On.Greedy(graph, phi, v, new PrecisionMatrix(2, 1), 2);
        Assert.That(batch.Indices, Is.EqualTo([2, 0]));
        Assert.That(batch.Gains, Is.EqualTo([Math.Log(9 / 4.0), Math.Log(14 / 9.0)]).Within(1e-14));

        // The long pairs cost twice as much: log(5/4) for 1 is more than log(9/4) for 4.
        GreedyBatch paid = On.Greedy(graph, phi, v, new PrecisionMatrix(2, 1), 3, new PairLimits([], [], [4, 1, 4], 5.5));
        Assert.That(paid.Indices, Is.EqualTo([1, 2]));
    }

    [Test]
    public void Agrees_with_the_definition_in_small_pools() =>
        BatchesPool.Small.Sample(shape => Agrees(shape with { C = shape.N }, 10), iter: 300);

    // More pairs than the list is long, and more steps than it takes at a time: both ways of going on are gone.
    [Test]
    public void Agrees_with_the_definition_where_gains_come_from_a_list(
        [Values] Limited limited, [Values(1, 3, 8)] int d, [Values(1e-6, 1e-2, 10)] double ridge) =>
        Agrees(new BatchesShape(d + (int)limited, 1500, 120, d, ridge, limited), 80);

    [Test]
    public void Agrees_with_the_definition_where_nothing_is_left_to_gain() =>
        Agrees(new BatchesShape(2, 700, 700, 0, 1, Limited.No), 40);

    private static void Agrees(BatchesShape shape, int responses)
    {
        // Nothing must be in: that is not the kernel's.
        using var pool =
            new BatchesPool(On, shape.Limited == Limited.Required ? shape with { Limited = Limited.OneKind } : shape, responses);
        using PairGraph graph = On.Graph(pool.Pairs, responses);
        BatchProblem problem = pool.Problem;
        GreedyBatch got = On.Greedy(problem.Candidates, problem.Features, problem.Weights, pool.Start, shape.C, pool.Limits);
        (List<int> numbers, List<double> gains) = ByDefinition(pool, got.Indices);
        Assert.That(got.Indices, Is.EqualTo(numbers), $"{pool}");
        Assert.That(got.Gains, Is.EqualTo(gains).Within(1e-8), $"{pool}");
    }

    // Where two keys are equal but for rounding, as 0 and 0 of pairs without effect are not, either is right: the one that was got
    // is followed.
    private static (List<int> Numbers, List<double> Gains) ByDefinition(BatchesPool pool, int[] got)
    {
        int d = pool.Shape.D;
        (List<int> numbers, List<double> gains) = ([], []);
        double[][] delta = [.. Enumerable.Range(0, pool.Shape.N).Select(pool.Delta)];
        var w = new double[pool.Shape.N];
        var quota = new PairQuota(pool.Limits, pool.Shape.N);
        while (numbers.Count < pool.Shape.C)
        {
            double[] root = pool.Precision(w).InverseCholesky.ToArray();
            (int best, double most, double ofGot) = (-1, double.NegativeInfinity, double.NegativeInfinity);
            for (int i = 0; i < w.Length; i++)
            {
                if (w[i] == 0 && quota.Allows(i))
                {
                    double key = Gain(root, i) / pool.Cost(i);
                    (best, most) = key > most ? (i, key) : (best, most);
                    ofGot = numbers.Count < got.Length && i == got[numbers.Count] ? key : ofGot;
                }
            }

            if (best < 0)
            {
                break;
            }

            best = ofGot < most && ofGot >= most * (1 - 1e-9) ? got[numbers.Count] : best;
            numbers.Add(best);
            gains.Add(Gain(root, best));
            w[best] = 1;
            quota.Take(best);
        }

        return (numbers, gains);

        double Gain(double[] root, int i)
        {
            double q = 0;
            for (int j = 0; j < d; j++)
            {
                double z = 0;
                for (int k = 0; k <= j; k++)
                {
                    z += root[j * d + k] * delta[i][k];
                }

                q += z * z;
            }

            return Definition.LogOnePlus(pool.V[i] * q);
        }
    }
}
