using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>Training that ends with a model nobody can use is an error, and says what to do.</summary>
public class BrokenModelTests
{
    private const int Rows = 60, Width = 6;

    private static readonly float[] Psi = Draw();

    [TestCase(10, 0.2, 0)]
    [TestCase(100, 0, 0)]
    [TestCase(100, 0, 1)]
    [TestCase(1000, 0.2, 1)]
    public void A_rate_that_is_far_too_large(double rate, double validation, int activation)
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(Psi, Width);
        Assert.That(
            () => Fit(pool, Linear(), new TrainingOptions { LearningRate = rate, Validation = validation }, (Activation)activation),
            Throws.InstanceOf<TrainingException>().With.Message.Contains("earning rate"));
    }

    [Test]
    public void A_confident_model_that_a_few_noisy_answers_held_out_speak_against_is_kept()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(Psi, Width);
        var losses = new List<double>();
        for (int seed = 0; seed < 12; seed++)
        {
            var random = new SeededRandom(seed);
            Comparison[] noisy = [.. Linear().Take(12).Select(comparison => comparison with { Preference = random.NextBelow(2) })];
            losses.Add(Fit(pool, noisy, new TrainingOptions { LearningRate = 0.05, Steps = 200, Seed = seed }).HeldOutLoss);
        }

        Assert.That(losses, Has.Some.GreaterThan(4 * Math.Log(2)), string.Join(", ", losses));
    }

    [Test]
    public void The_fault_of_a_start_is_told()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(Psi, Width);
        using var on = Backend.Open(BackendKind.Cpu);
        BradleyTerryMlp start = BradleyTerryMlp.Untrained(new MlpShape(Width, [16], Activation.Relu), null, 1);
        Assert.That(Trainer.FindFault(on, pool, Linear(), start), Is.Null);
        start.Parameters.AsSpan(start.Shape.BiasStart(0), 16).Fill(-1000);
        Assert.That(Trainer.FindFault(on, pool, Linear(), start), Does.Contain("compared responses the reward 0"));
        start.Parameters.AsSpan().Fill(3e38f);
        Assert.That(Trainer.FindFault(on, pool, Linear(), start), Does.Contain("it gives row"));
    }

    [Test]
    public void A_decay_that_is_far_too_large_is_named()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(Psi, Width);
        Assert.That(
            () => Fit(pool, Linear(), new TrainingOptions { WeightDecay = 1e6 }),
            Throws.TypeOf<TrainingDivergedException>().With.Message.Contains("lower the weight decay"));
    }

    [Test]
    public void Labels_that_ask_for_nothing_and_steps_that_are_none_break_nothing()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(Psi, Width);
        Comparison[] halves = [.. Linear().Select(comparison => comparison with { Preference = 0.5f })];
        Assert.That(Fit(pool, halves, new TrainingOptions()).HeldOutLoss, Is.EqualTo(Math.Log(2)).Within(0.01));

        TrainingResult none = Fit(pool, Linear(), new TrainingOptions { Steps = 0 });
        Assert.That((none.Steps, none.StepsTaken), Is.EqualTo((0, 0)));
        Assert.That(none.Loss, Is.InRange(0.3, 1.5));
    }

    [Test]
    public void Comparisons_of_equal_embeddings_are_left_out_and_nothing_else_is_an_error()
    {
        float[] psi = [.. Psi];
        psi.AsSpan(0, Width).CopyTo(psi.AsSpan(Width));
        using EmbeddingPool pool = EmbeddingPool.FromArray(psi, Width);
        Comparison same = new(new Pair(0, 1), 1);

        TrainingResult with = Fit(pool, [.. Linear(), same, same], new TrainingOptions { Steps = 20 });
        TrainingResult without = Fit(pool, Linear(), new TrainingOptions { Steps = 20 });

        Assert.That((with.Identical, without.Identical), Is.EqualTo((2, 0)));
        Assert.That(with.Model.Parameters, Is.EqualTo(without.Model.Parameters));
        Assert.That(() => Fit(pool, [same, same], new TrainingOptions()),
            Throws.TypeOf<InputException>().With.Message.Contains("Each of the 2 comparisons"));
    }

    [Test]
    public void A_row_that_is_not_finite_stops_training_only_where_a_comparison_names_it()
    {
        float[] psi = [.. Psi];
        psi[2 * Width + 3] = float.NaN;
        using EmbeddingPool pool = EmbeddingPool.FromArray(psi, Width);

        Assert.That(Fit(pool, Linear(), new TrainingOptions()).HeldOutLoss, Is.LessThan(0.6));
        Assert.That(
            () => Fit(pool, [.. Linear(), new(new Pair(3, 2), 1)], new TrainingOptions()),
            Throws.TypeOf<InputException>().With.Message.Contains("of responses 3 and 2").And.Message.Contains(
                "row 2 (prompt 0, response 2), column 3 is NaN"));
    }

    [Test]
    public void Labels_off_by_rounding_are_the_end_of_their_range()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(Psi, Width);
        Comparison[] off = [.. Linear().Select(c => c with { Preference = c.Preference == 1 ? 1.0000001f : -1e-8f })];
        Assert.That(Fit(pool, off, new TrainingOptions()).Model.Parameters,
            Is.EqualTo(Fit(pool, Linear(), new TrainingOptions()).Model.Parameters));
        Assert.That(() => Fit(pool, [new(new Pair(4, 5), 1.001f)], new TrainingOptions()), Throws.TypeOf<InputException>());
    }

    // Rows 0 to 3 are in no pair.
    private static Comparison[] Linear() =>
        [.. Enumerable.Range(2, Rows / 2 - 2)
            .Select(i => new Comparison(new Pair(2 * i, 2 * i + 1), Psi[2 * i * Width] > Psi[(2 * i + 1) * Width] ? 1 : 0))];

    private static TrainingResult Fit(
        EmbeddingPool pool, Comparison[] comparisons, TrainingOptions options, Activation activation = Activation.Gelu)
    {
        using var on = Backend.Open(BackendKind.Cpu);
        return Trainer.Fit(
            on, pool, comparisons, BradleyTerryMlp.Untrained(new MlpShape(Width, [16, 8], activation), Standardisation.FromPool(pool), 1),
            options);
    }

    private static float[] Draw()
    {
        var random = new SeededRandom(8);
        return [.. Enumerable.Range(0, Rows * Width).Select(_ => (float)random.NextNormal())];
    }
}
