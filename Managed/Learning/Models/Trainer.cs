using System.Diagnostics;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
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
public sealed record TrainingResult(BradleyTerryMlp Model, int Steps, int StepsTaken, double HeldOutLoss, double Seconds)
{
    /// <summary>Mean loss of the taught comparisons under the parameters kept, in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>What was held out as a whole.</summary>
    public ValidationGroup HeldOutBy => Split.By;

    /// <summary>Number of such wholes among the comparisons.</summary>
    public int Groups => Split.Groups;

    /// <summary>Those of them held out; 0 where there are fewer than two.</summary>
    public int HeldOutGroups => Split.HeldOutGroups;

    /// <summary>Comparisons taught.</summary>
    public int Taught => Split.Taught;

    /// <summary>Comparisons held out.</summary>
    public int HeldOut => Split.HeldOut;

    internal TrainingSplit Split { get; init; } = new(ValidationGroup.Pair, 0, 0, 0, 0);

    /// <summary>Comparisons of responses that the model cannot tell apart, because their embeddings are equal to it; they teach nothing
    /// and were left out.</summary>
    public required int Identical { get; init; }

    /// <summary>Whether the held-out comparisons are foretold worse than by a coin.</summary>
    public bool IsAboveChance => HeldOutLoss > Math.Log(2);
}

/// <summary>
/// Fits a reward model to comparisons: Adam on the mean Bradley–Terry loss, full-batch or in mini-batches, stopping early on held-out
/// comparisons.
/// </summary>
public static class Trainer
{
    // No model that was fitted is four times chance off on what it was taught: there the parameters have run away. On a few noisy
    // answers held out a confident one may well be, though hardly by 30 nats, where each of e³⁰ answers would be right.
    private static readonly double BrokenLoss = 4 * Math.Log(2);
    private const double BrokenHeldOutLoss = 30;

    // e^−104 is no float32 any more, and a reward that four of five responses have is no order.
    private const double CertainGap = 104, BrokenShare = 0.8;

    /// <summary>Fits.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="pool">Embeddings; rows that the comparisons name.</param>
    /// <param name="comparisons">At least one.</param>
    /// <param name="start">Model whose parameters training starts from; it stays as it is.</param>
    /// <param name="options">
    /// Steps, rate, batch, stopping and seed; its widths and activation are not looked at, those of <paramref name="start"/> hold.
    /// </param>
    /// <param name="progress">Told before each step; costs a download of the losses.</param>
    /// <param name="cancellationToken">Looked at before each step.</param>
    /// <exception cref="InputException">No comparisons, a bad one, or embeddings of another width.</exception>
    /// <exception cref="TrainingException">The loss became NaN or infinite, or the model ends far worse than chance, or gives
    /// everything the
    /// same reward.</exception>
    public static TrainingResult Fit(
        Backend backend,
        EmbeddingPool pool,
        ReadOnlySpan<Comparison> comparisons,
        BradleyTerryMlp start,
        TrainingOptions options,
        IProgress<TrainingStep>? progress = null,
        CancellationToken cancellationToken = default)
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
        ComparedRows rows = ComparedRows.Create(pool, start, comparisons);
        Comparison[] telling = Telling(pool, comparisons, rows, start);
        (TrainingSplit split, Comparison[] taught, Comparison[] heldOut) = TrainingSplit.Create(pool, telling, rows, options);
        using var session = new TrainingSession(backend, pool, new Labels(taught), new Labels(heldOut), start, options);
        (float[] parameters, int steps, int taken, double loss) = session.Run(progress, cancellationToken);
        var model = new BradleyTerryMlp(start.Shape, parameters, start.Standardisation) { Dropout = options.Dropout };
        float[] rewards = model.Score(backend, pool, rows.Rows, cancellationToken);
        var result = new TrainingResult(model, steps, taken, loss, clock.Elapsed.TotalSeconds)
        {
            Loss = MeanLoss(taught, rows.Rows, rewards),
            Split = split,
            Identical = comparisons.Length - telling.Length,
        };
        RequireSound(result, taught, rows, rewards, options);
        return result;
    }

    /// <summary>Why nothing can be learned from a model as the start: its rewards are not finite, nearly all equal, or so far apart that
    /// every answer is certain. Null where it is none of this.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="pool">Embeddings; rows that the comparisons name.</param>
    /// <param name="comparisons">At least one.</param>
    /// <param name="start">Looked at.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    /// <returns>Half a sentence, of which the model is the subject.</returns>
    /// <exception cref="InputException">No comparisons, a bad one, or embeddings of another width.</exception>
    public static string? FindFault(
        Backend backend, EmbeddingPool pool, ReadOnlySpan<Comparison> comparisons, BradleyTerryMlp start,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        start.RequireFits(pool);
        Comparison.Check(comparisons, pool.Responses);
        ComparedRows rows = ComparedRows.Create(pool, start, comparisons);
        Comparison[] telling = Telling(pool, comparisons, rows, start);
        float[] rewards = start.Score(backend, pool, rows.Rows, cancellationToken);
        return Vectors.IndexOfNonFinite<float>(rewards) is >= 0 and var broken
            ? FormattableString.Invariant($"it gives row {rows.Rows[broken]} the reward {rewards[broken]}")
            : RewardFault(rewards, telling, rows);
    }

    private static Comparison[] Telling(
        EmbeddingPool pool, ReadOnlySpan<Comparison> comparisons, ComparedRows rows, BradleyTerryMlp start)
    {
        var telling = new List<Comparison>(comparisons.Length);
        foreach (Comparison comparison in comparisons)
        {
            if (!rows.IsIdentical(comparison.Pair))
            {
                telling.Add(comparison);
            }
        }

        return telling.Count > 0 ? [.. telling] : throw new InputException(
            EqualEmbeddings.Told(pool, comparisons, start.Standardisation));
    }

    private static void RequireSound(
        TrainingResult result, Comparison[] taught, ComparedRows rows, float[] rewards, TrainingOptions options)
    {
        if (!rewards.All(float.IsFinite))
        {
            throw new TrainingDivergedException(result.Steps, options.LearningRate, options.WeightDecay);
        }

        if (options.Steps == 0)
        {
            return;
        }

        bool heldOut = result.Split.HeldOut > 0;
        if (!(result.Loss <= BrokenLoss) && !(heldOut && result.HeldOutLoss <= BrokenLoss))
        {
            throw TrainingCollapsedException.Loss(heldOut ? result.HeldOutLoss : result.Loss, heldOut, options);
        }

        if (heldOut && !(result.HeldOutLoss <= BrokenHeldOutLoss))
        {
            throw TrainingCollapsedException.Loss(result.HeldOutLoss, heldOut, options);
        }

        if (RewardFault(rewards, taught, rows) is { } fault)
        {
            throw TrainingCollapsedException.Rewards(fault, options);
        }
    }

    private static string? RewardFault(float[] rewards, Comparison[] taught, ComparedRows rows)
    {
        double closest = taught.Min(one => Gap(one.Pair, rows.Rows, rewards));
        if (closest > CertainGap)
        {
            return FormattableString.Invariant(
                $"no two compared responses are closer than {closest:G6} in reward, so that every answer is certain and all variances ")
                + "p(1 − p) are 0";
        }

        // All answers ½ ask for equal rewards.
        float[] differing = [.. rewards.Where((_, number) => rows.IsFirst(number)).Order()];
        (float common, int equal) = MostCommon(differing);
        return equal > 1 && equal >= BrokenShare * differing.Length && taught.Any(one => one.Preference != 0.5f)
            ? FormattableString.Invariant(
                $"it gives {equal} of {differing.Length} compared responses the reward {common:G6}, though their embeddings differ")
            : null;
    }

    // Rewards within two roundings of their usual size from one another are equal.
    private static (float Reward, int Count) MostCommon(float[] ascending)
    {
        float width = (float)Math.ScaleB(ascending.Select(Math.Abs).Order().ElementAt(ascending.Length / 2), -22);
        int best = 0, most = 0;
        for (int first = 0, end = 0; first < ascending.Length; first++)
        {
            while (end < ascending.Length && ascending[end] - ascending[first] <= width)
            {
                end++;
            }

            (best, most) = end - first > most ? (first, end - first) : (best, most);
        }

        return (ascending[best], most);
    }

    private static double Gap(Pair pair, ReadOnlySpan<int> rows, float[] rewards)
    {
        Pair local = Labels.Local(rows, pair);
        return Math.Abs((double)rewards[local.First] - rewards[local.Second]);
    }

    private static double MeanLoss(Comparison[] comparisons, ReadOnlySpan<int> rows, float[] rewards)
    {
        double sum = 0;
        foreach ((Pair pair, float preference, _) in comparisons)
        {
            Pair local = Labels.Local(rows, pair);
            double x = (double)rewards[local.First] - rewards[local.Second];
            sum += Math.Max(x, 0) + Logit.SmallerLoss(x) - preference * x;
        }

        return sum / comparisons.Length;
    }
}
