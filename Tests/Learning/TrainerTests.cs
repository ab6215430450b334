using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>Training: what is held out, when it stops, and that rows which do not fit in memory change nothing.</summary>
public class TrainerTests
{
    private const int Rows = 40, Width = 7;

    private static readonly EmbeddingPool Pool = EmbeddingPool.FromArray(Uniform(Rows * Width, 1), Width);

    [OneTimeTearDown]
    public void Close() => Pool.Dispose();

    [Test]
    public void Rows_that_do_not_fit_give_the_same_model()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        BradleyTerryMlp start = Untrained();
        var options = new TrainingOptions { Steps = 20, Validation = 0, LearningRate = 0.01 };

        float[] whole = Run(on, start, options, RowStore.DefaultBudget), parts = Run(on, start, options, 4 * 5 * (Width + 3 * 9));

        // Blocks of five rows add up in another order.
        Assert.That(parts, Is.EqualTo(whole).Within(2e-5));
        Assert.That(whole, Is.Not.EqualTo(start.Parameters));
    }

    [Test]
    public void Rows_that_do_not_fit_give_the_same_bits_in_mini_batches()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        var options = new TrainingOptions { Steps = 30, Validation = 0, BatchSize = 8, LearningRate = 0.01 };

        Assert.That(Run(on, Untrained(), options, 100), Is.EqualTo(Run(on, Untrained(), options, RowStore.DefaultBudget)));
    }

    [Test]
    public void It_stops_early_and_keeps_the_best_look()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        var looks = new List<(int Step, double Loss)>();
        var options = new TrainingOptions { Steps = 2000, Validation = 0.3, CheckEvery = 5, Patience = 4, LearningRate = 0.02, Seed = 2 };

        // Labels without any signal: nothing learned from them helps on those held out.
        var random = new SeededRandom(9);
        Comparison[] noise = [.. Comparisons().Select(comparison => comparison with { Preference = random.NextBelow(2) })];
        TrainingResult result =
            Trainer.Fit(on, Pool, noise, Untrained(), options, new Each(step => looks.Add((step.Step, step.HeldOutLoss))));

        Assert.That(result.StepsTaken, Is.LessThan(2000));
        Assert.That(result.StepsTaken, Is.EqualTo(result.Steps + 4 * 5));
        Assert.That(result.HeldOutLoss, Is.EqualTo(looks.Where(look => !double.IsNaN(look.Loss)).Min(look => look.Loss)));
    }

    [Test]
    public void The_loss_reported_is_that_before_the_step()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        var losses = new List<double>();
        BradleyTerryMlp start = Untrained();
        Comparison[] comparisons = Comparisons();
        Trainer.Fit(on, Pool, comparisons, start, new TrainingOptions { Steps = 3, Validation = 0 },
            new Each(step => losses.Add(step.Loss)));

        float[] r = start.Score(on, Pool, [.. Enumerable.Range(0, Rows)]);
        double expected = comparisons.Average(c =>
        {
            double x = (double)r[c.Pair.First] - r[c.Pair.Second];
            return (1 - c.Preference) * Softplus(x) + c.Preference * Softplus(-x);
        });
        Assert.That(losses, Has.Count.EqualTo(3));
        Assert.That(losses[0], Is.EqualTo(expected).Within(1e-6));
        Assert.That(losses[1], Is.LessThan(losses[0]));

        static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
    }

    [TestCase(1, 0.2)]
    [TestCase(2, 0.2)]
    [TestCase(2, 0.9)]
    public void One_comparison_is_always_taught(int count, double validation)
    {
        using var on = Backend.Open(BackendKind.Cpu);
        TrainingResult result = Trainer.Fit(
            on, Pool, Comparisons().AsSpan(0, count), Untrained(), new TrainingOptions { Steps = 2, Validation = validation });

        Assert.That((result.Split.Taught, result.Split.HeldOut), Is.EqualTo((1, count - 1)));
        Assert.That(double.IsNaN(result.HeldOutLoss), Is.EqualTo(count == 1));
    }

    [Test]
    public void It_can_be_stopped_between_steps()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var source = new CancellationTokenSource();
        int steps = 0;

        Assert.That(
            () => Trainer.Fit(
                on, Pool, Comparisons(), Untrained(), new TrainingOptions { Validation = 0 },
                new Each(_ => { if (++steps == 3) { source.Cancel(); } }), source.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(steps, Is.EqualTo(3));
    }

    [Test]
    public void Weight_decay_alone_shrinks_every_parameter()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        BradleyTerryMlp start = Untrained();
        TrainingResult one = Trainer.Fit(
            on, Pool, Comparisons(), start, new TrainingOptions { Steps = 50, Validation = 0, WeightDecay = 5, LearningRate = 0.01 });
        TrainingResult none = Trainer.Fit(
            on, Pool, Comparisons(), start, new TrainingOptions { Steps = 50, Validation = 0, LearningRate = 0.01 });

        Assert.That(Norm(one.Model.Parameters), Is.LessThan(0.5 * Norm(none.Model.Parameters)));

        static double Norm(float[] numbers) => numbers.Sum(number => (double)number * number);
    }

    private static float[] Run(Backend on, BradleyTerryMlp start, TrainingOptions options, long budget)
    {
        using var session = new TrainingSession(on, Pool, new Labels(Comparisons()), new Labels([]), start, options, budget);
        return session.Run(null, CancellationToken.None).Parameters;
    }

    private static BradleyTerryMlp Untrained() =>
        BradleyTerryMlp.Untrained(new MlpShape(Width, [4, 3, 2], Activation.Gelu), null, 5);

    private static Comparison[] Comparisons()
    {
        var random = new SeededRandom(3);
        var row = new float[2 * Width];
        return [.. Enumerable.Range(0, 60)
            .Select(_ => new Pair(random.NextBelow(Rows), random.NextBelow(Rows)))
            .Where(pair => pair.First != pair.Second)
            .Select(pair =>
            {
                Pool.Read([pair.First, pair.Second], row);
                return new Comparison(pair, row[0] > row[Width] ? 1 : 0);
            })];
    }

    private static float[] Uniform(int count, int seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(2 * random.NextUniform() - 1))];
    }

    private sealed class Each(Action<TrainingStep> report) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => report(value);
    }
}
