using System.Globalization;
using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Learning.Acquisition;

/// <summary>How a batch is taken from scores.</summary>
public enum Picking
{
    /// <summary>The largest scores, largest first, equal ones in the candidates' order; an <see cref="IBatchAcquisition"/> chooses the batch itself.</summary>
    Top,

    /// <summary>Without replacement, in proportion to valueᵝ; only candidates with a positive value can be drawn (MATH.md §3; power sampling of Kirsch et al. 2021).</summary>
    Sample,

    /// <summary>Without replacement, in proportion to e^(β·value), the value in the strategy's own unit (softmax sampling of Kirsch et al. 2021).</summary>
    Softmax,
}

/// <summary>The candidates a strategy picked, best first.</summary>
/// <param name="Numbers">Numbers of the candidates.</param>
/// <param name="Values">Their values in the strategy's own unit (nats, log det per unit weight, …).</param>
/// <param name="Precision">The precision matrix behind the scores, for an optimised batch that of the batch; or null.</param>
public sealed record Picked(int[] Numbers, double[] Values, PrecisionMatrix? Precision)
{
    /// <summary>How much of the best batch's information this one is proven to have; null for a strategy that maximises no log det, where M of the batch is singular, and where no candidate has any information.</summary>
    public Certificate? Certificate { get; init; }

    /// <summary>How the proof that was asked for ended; null where none was.</summary>
    public Proof? Proof { get; init; }
}

/// <summary>
/// An acquisition and how a batch is taken from its scores, written <c>dopt</c>, <c>dopt+sample</c>, <c>dopt+power=2</c> or <c>dopt+softmax=2</c>; or by which
/// optimiser of the whole batch, <c>dopt+greedy</c>.
/// </summary>
/// <param name="Acquisition">What scores.</param>
/// <param name="Picking">How the batch is taken.</param>
public sealed record Strategy(IAcquisition Acquisition, Picking Picking = Picking.Top)
{
    /// <summary>β > 0, finite: how strongly a draw prefers large values; towards 0 every candidate has the same chance, towards infinity the best come first.</summary>
    public double Beta
    {
        get;
        init => field = value > 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Beta), value, "β must be finite and above 0.");
    } = 1;

    /// <summary>What looks for the best batch as a whole; null where pairs are taken by their scores.</summary>
    public IBatchOptimiser? Optimiser
    {
        get;
        init => field = value is null || Acquisition is IInformationCriterion
            ? value
            : throw new InputException(
                $"{Acquisition.Name} maximises no log det of information, so {value.Name} has nothing to optimise; it goes with {string.Join(", ", Acquisitions.All.Where(other => other is IInformationCriterion).Select(other => other.Name))}.");
    }

    /// <summary>As users write it: <c>+sample</c> is <c>+power=1</c>, and β = 1 where none is written.</summary>
    public string Name => Acquisition.Name + (Optimiser is { } optimiser ? "+" + optimiser.Name : (Picking, Beta) switch
    {
        (Picking.Top, _) => "",
        (Picking.Sample, 1) => "+sample",
        (Picking.Sample, _) => FormattableString.Invariant($"+power={Beta}"),
        (_, 1) => "+softmax",
        _ => FormattableString.Invariant($"+softmax={Beta}"),
    });

    /// <summary>From its name.</summary>
    /// <exception cref="InputException">No such strategy or way of picking.</exception>
    public static Strategy Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] parts = name.Split('+', 2), how = parts.Length == 1 ? ["top"] : parts[1].Split('=', 2);
        if (parts.Length == 2 && BatchOptimisers.Named(parts[1]) is { } optimiser and not TopBatch)
        {
            return new Strategy(Acquisitions.Named(parts[0])) { Optimiser = optimiser };
        }

        Picking picking = how switch
        {
            ["top"] => Picking.Top,
            ["sample"] or ["power", ..] => Picking.Sample,
            ["softmax", ..] => Picking.Softmax,
            _ => throw new InputException(
                $"There is no way of picking as in '{name}'; write a strategy alone (the best scores), with +sample, +power=β or +softmax=β, or, for a log det of information, with {string.Join(", ", BatchOptimisers.All.Skip(1).Select(other => "+" + other.Name))}."),
        };
        double beta = 1;
        return how.Length == 1 || double.TryParse(how[1], NumberStyles.Float, CultureInfo.InvariantCulture, out beta) && beta > 0 && double.IsFinite(beta)
            ? new Strategy(Acquisitions.Named(parts[0]), picking) { Beta = beta }
            : throw new InputException($"β of '{name}' must be a finite number above 0.");
    }

    /// <summary>Scores the candidates and picks.</summary>
    /// <param name="context">What may be looked at.</param>
    /// <param name="count">c, 0 ≤ c ≤ n.</param>
    /// <exception cref="InputException">More pairs are asked for than there are, or than have a positive value to sample by.</exception>
    /// <exception cref="ScoreException">A score is NaN, or its value infinite.</exception>
    public Picked Pick(AcquisitionContext context, int count)
    {
        ArgumentNullException.ThrowIfNull(context);
        int n = context.Candidates.Count;
        if (count < 0 || count > n)
        {
            throw new InputException($"{count} pairs were asked for, there are {n} candidates; ask for fewer, or offer more.");
        }

        bool isLimited = context.Limits is not null || context.Must.Count > 0;
        if (Picking == Picking.Top && Acquisition is IBatchAcquisition batch)
        {
            return isLimited
                ? throw new InputException($"{Name} chooses its batch itself and knows no limits; leave them out, or choose another strategy, {Name}+sample for one.")
                : count == 0 ? new Picked([], [], null) : batch.PickBatch(context, count);
        }

        using BatchDesign? design = Acquisition is IInformationCriterion criterion && n > 0
            ? Optimiser is null ? BatchDesign.UnlessSingular(criterion, context, count) : BatchDesign.Of(criterion, context, count)
            : null;
        if (Optimiser is not null)
        {
            return design is null ? new Picked([], [], null) : design.Certified(design.Optimised(Optimiser, context.Effort), context);
        }

        using DeviceArray<float> score_n = context.Backend.Allocate<float>(n);
        (float[] scores, PrecisionMatrix? precision) = Score(context, score_n);
        var quota = new PairQuota(context.Limits, n);
        int[] numbers = Picking != Picking.Top ? TopBatch.Walk(quota, context.Must, count, Draw(scores, quota.HasCosts ? 0 : count, context.Random))
            : isLimited ? TopBatch.Walk(quota, context.Must, count, TopBatch.Descending(quota, i => Acquisition.Value(scores[i])))
            : context.Backend.Top(score_n, count);
        var picked = new Picked(numbers, [.. numbers.Select(i => Acquisition.Value(scores[i]))], precision);
        return design is null ? picked : design.Certified(picked, context);
    }

    /// <summary>The value of every candidate, in the unit of the strategy, and the precision matrix behind them.</summary>
    /// <exception cref="ScoreException">A score is NaN, or its value infinite.</exception>
    public (double[] Values, PrecisionMatrix? Precision) Score(AcquisitionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using DeviceArray<float> score_n = context.Backend.Allocate<float>(context.Candidates.Count);
        (float[] scores, PrecisionMatrix? precision) = Score(context, score_n);
        return ([.. scores.Select(Acquisition.Value)], precision);
    }

    private (float[] Scores, PrecisionMatrix? Precision) Score(AcquisitionContext context, DeviceArray<float> score_n)
    {
        PrecisionMatrix? precision = score_n.Rows > 0 ? Acquisition.Score(context, score_n) : null;
        float[] scores = score_n.ToArray();
        if (scores.Length == 0 || float.IsFinite(TensorPrimitives.MaxMagnitude<float>(scores)))
        {
            return (scores, precision);
        }

        // An infinite score may stand for a finite value: that of a pair alone in its cluster does.
        int broken = Array.FindIndex(scores, score => float.IsNaN(score) || !double.IsFinite(Acquisition.Value(score)));
        return broken < 0 ? (scores, precision) : throw new ScoreException(Acquisition.Name, broken);
    }

    // All that can be drawn, in the order of the draw. Gumbel top-k: the c largest of log w + Gumbel are c draws without replacement in proportion to w (Vieira 2014;
    // Kool, van Hoof and Welling 2019), w = sᵝ or e^(βs).
    private int[] Draw(float[] scores, int least, SeededRandom random)
    {
        var keys = new double[scores.Length];
        int positive = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            double value = Acquisition.Value(scores[i]);
            bool possible = value > 0 || Picking == Picking.Softmax;
            keys[i] = possible ? Beta * (Picking == Picking.Softmax ? value : Math.Log(value)) + random.NextGumbel() : double.NegativeInfinity;
            positive += possible ? 1 : 0;
        }

        if (positive < least)
        {
            throw new InputException(
                $"{least} pairs were to be sampled by {Acquisition.Name}, but only {positive} of {keys.Length} have a positive score; take the best scores instead (without +sample or +power), draw with +softmax, or ask for fewer.");
        }

        int[] numbers = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(numbers, (i, j) => keys[j].CompareTo(keys[i]) is var order and not 0 ? order : i.CompareTo(j));
        return numbers[..positive];
    }
}
