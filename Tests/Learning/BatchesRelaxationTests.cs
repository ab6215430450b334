using CsCheck;
using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>Weights between 0 and 1: they keep what a batch keeps, only gain, and come to the top.</summary>
public class BatchesRelaxationTests
{
    private static readonly Backend On = Backend.Open(BackendKind.Cpu, 1);

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void Every_step_keeps_the_limits_and_gains() => BatchesPool.Middle.Sample(shape =>
    {
        using var pool = new BatchesPool(On, shape);
        int[] start = new TopOptimiser().Choose(pool.Problem, new SearchEffort());
        var relaxation = new Relaxation(pool.Problem, start);
        double spent = start.Sum(pool.Cost), before = pool.LogDet(start);
        for (int step = 0; step < 30 && relaxation.Step(1e-8); step++)
        {
            double[] w = relaxation.Weights;
            Assert.That(relaxation.Reached, Is.EqualTo(before).Within(1e-8), $"step {step}, {pool}");
            Assert.That(relaxation.UpperBound, Is.GreaterThanOrEqualTo(relaxation.Reached - 1e-9), $"step {step}, {pool}");
            Assert.That(w, Is.All.InRange(0, 1), $"step {step}, {pool}");
            Assert.That(w.Sum(), Is.LessThanOrEqualTo(shape.C + 1e-9), $"step {step}, {pool}");
            Assert.That(w.Select((weight, i) => weight * pool.Cost(i)).Sum(), Is.EqualTo(spent).Within(1e-9), $"step {step}, {pool}");
            Assert.That(pool.Required.Select(i => w[i]), Is.All.EqualTo(1), $"step {step}, {pool}");
            for (int group = 0; group < (pool.Limits?.Caps.Count ?? 0); group++)
            {
                Assert.That(
                    Enumerable.Range(0, shape.N).Where(i => pool.Groups(i).Contains(group)).Sum(i => w[i]),
                    Is.LessThanOrEqualTo(pool.Limits!.Caps[group] + 1e-9), $"group {group}, step {step}, {pool}");
            }

            double now = pool.LogDet(w);
            Assert.That(now, Is.GreaterThan(before - 1e-12), $"step {step}, {pool}");
            before = now;
        }
    }, iter: 300);

    [Test]
    public void Comes_to_the_top([Values(Limited.No, Limited.OneKind, Limited.Barred, Limited.Required)] Limited limited) =>
        BatchesPool.Middle.Sample(shape =>
    {
        using var pool = new BatchesPool(On, shape with { Limited = limited });
        var relaxation = new Relaxation(pool.Problem, new TopOptimiser().Choose(pool.Problem, new SearchEffort()));
        int steps = 0;
        while (relaxation.Step(1e-8))
        {
            Assert.That(++steps, Is.LessThan(5000), $"{pool}");
        }

        Assert.That(relaxation.UpperBound - relaxation.Reached, Is.LessThan(1e-4 * shape.D), $"after {steps} steps, {pool}");
    }, iter: 400);

    [Test]
    public void Weighted_gradients_sum_to_the_dimensions_that_the_weights_inform() => BatchesPool.Middle.Sample(shape =>
    {
        // Σ w g = d − tr(M⁻¹M₀).
        using var pool = new BatchesPool(On, shape);
        var relaxation = new Relaxation(pool.Problem, new TopOptimiser().Choose(pool.Problem, new SearchEffort()));
        relaxation.Step(1e-8);
        PrecisionMatrix precision = pool.Precision(relaxation.Weights);
        float[] g = pool.Problem.Gradient(precision).ToArray();
        Assert.That(
            g.Zip(relaxation.Weights, (g, w) => g * w).Sum(),
            Is.EqualTo(shape.D - precision.TraceOfInverseTimes(pool.Start.Precision)).Within(1e-6 * shape.D), $"{pool}");
    }, iter: 200);

    [Test]
    public void Two_halves_of_what_is_wanted_once()
    {
        // One of two orthogonal pairs of equal v: half of each is best, (1 + v/2)² > 1 + v.
        using var phi = On.Upload<float>([0, 0, 1, 0, 0, 1], 3, 2);
        using PairGraph graph = On.Graph([new(1, 0), new(0, 2)], 3);
        using var v = On.Upload<float>([0.25f, 0.25f], 2);
        using var problem = new BatchProblem(graph, phi, v, new PrecisionMatrix(2, 1), new BatchRequest(1));
        var relaxation = new Relaxation(problem, [0]);
        Assert.That(relaxation.Step(1e-8), Is.True);
        Assert.That(relaxation.Weights, Is.EqualTo([0.5, 0.5]).Within(1e-15));
        Assert.That(relaxation.Step(1e-8), Is.False);
        Assert.That(relaxation.Reached, Is.EqualTo(2 * Math.Log(1.125)).Within(1e-15));
        Assert.That(relaxation.UpperBound, Is.EqualTo(relaxation.Reached).Within(1e-6));
    }
}
