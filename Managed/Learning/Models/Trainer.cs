using System.Diagnostics;
using FisherKernels.Kernels;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Models;

/// <summary>What is known before a step is taken.</summary>
/// <param name="Step">From 0.</param>
/// <param name="Loss">Mean Bradley–Terry loss of the step's comparisons, in nats.</param>
/// <param name="HeldOutLoss">Mean loss of the held-out comparisons at the last look, in nats; NaN before the first or without any.</param>
public readonly record struct TrainingStep(int Step, double Loss, double HeldOutLoss);

/// <summary>A trained model and how it came about.</summary>
/// <param name="Model">The parameters kept: of the best look at the held-out comparisons, or of the last step.</param>
/// <param name="Steps">Steps behind the parameters kept.</param>
/// <param name="StepsTaken">Steps taken in all.</param>
/// <param name="HeldOutLoss">Mean loss of the held-out comparisons under the parameters kept, in nats; NaN without any.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record TrainingResult(BradleyTerryMlp Model, int Steps, int StepsTaken, double HeldOutLoss, double Seconds);

/// <summary>Training left the finite numbers.</summary>
public sealed class TrainingDivergedException(int step, double learningRate) : Exception(FormattableString.Invariant(
    $"The loss is no longer finite after {step} steps at learning rate {learningRate:G4}. Lower it, or standardise the embeddings."));

/// <summary>Fits a reward model to comparisons: Adam on the mean Bradley–Terry loss, full-batch or in mini-batches, stopping early on held-out comparisons.</summary>
public static class Trainer
{
    /// <summary>Fits.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="pool">Embeddings; rows that the comparisons name.</param>
    /// <param name="comparisons">At least one.</param>
    /// <param name="start">Model whose parameters training starts from; it stays as it is.</param>
    /// <param name="options">Steps, rate, batch, stopping and seed; its widths and activation are not looked at, those of <paramref name="start"/> hold.</param>
    /// <param name="progress">Told before each step; costs a download of the losses.</param>
    /// <param name="cancellation">Looked at before each step.</param>
    /// <exception cref="InputException">No comparisons, a bad one, or embeddings of another width.</exception>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite.</exception>
    public static TrainingResult Fit(
        Backend backend,
        EmbeddingPool pool,
        ReadOnlySpan<Comparison> comparisons,
        BradleyTerryMlp start,
        TrainingOptions options,
        IProgress<TrainingStep>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(options);
        start.RequireFits(pool);
        Comparison.Check(comparisons, pool.Responses);
        if (comparisons.Length == 0)
        {
            throw new InputException("There are no comparisons to train on; label at least one pair.");
        }

        var clock = Stopwatch.StartNew();
        (Comparison[] taught, Comparison[] heldOut) = Split(comparisons, options);
        using var session = new TrainingSession(backend, pool, new Labels(taught), new Labels(heldOut), start, options);
        (float[] parameters, int steps, int taken, double loss) = session.Run(progress, cancellation);
        return new TrainingResult(
            new BradleyTerryMlp(start.Shape, parameters, start.Standardisation) { Dropout = options.Dropout }, steps, taken, loss, clock.Elapsed.TotalSeconds);
    }

    // At least one comparison is taught; with a share above 0 and two or more at hand, at least one is held out.
    private static (Comparison[] Taught, Comparison[] HeldOut) Split(ReadOnlySpan<Comparison> comparisons, TrainingOptions options)
    {
        var order = new int[comparisons.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        new SeededRandom(options.Seed, Purpose.Validation).Shuffle<int>(order);
        int held = options.Validation == 0
            ? 0
            : Math.Min(Math.Max((int)Math.Round(options.Validation * order.Length), 1), order.Length - 1);
        return (Take(comparisons, order.AsSpan(held)), Take(comparisons, order.AsSpan(0, held)));

        static Comparison[] Take(ReadOnlySpan<Comparison> comparisons, Span<int> numbers)
        {
            numbers.Sort();
            var taken = new Comparison[numbers.Length];
            for (int i = 0; i < taken.Length; i++)
            {
                taken[i] = comparisons[numbers[i]];
            }

            return taken;
        }
    }
}
