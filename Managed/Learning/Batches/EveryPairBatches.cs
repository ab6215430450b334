using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Batches;

/// <summary>Batches with a large log det M of every pair of R responses, without a list of the pairs: what the optimisers give for
/// that list (MATH.md §5, §6).</summary>
/// <remarks>
/// A pass over all pairs gives the few thousand with the largest g = v δᵀM⁻¹δ at the present M, and a bound of the others' g:
/// <code>
/// greedy     M only grows, so g only falls: while the best of the list is above the bound it is the best of all
/// exchange   of i for j:  det M grows to at most 1 + g_j − g_i times itself, so only pairs with g_j > min g_i of the batch can help
/// </code>
/// Then the next pass is made. Gains that float32 cannot tell apart may count as equal; equal ones go to the lower pair, so that
/// whoever wants the seed to decide puts the responses into an order of the seed's.
/// </remarks>
internal static class EveryPairBatches
{
    /// <summary>
    /// One pair after the other, each the best of all beside those before it; never less log det than the largest gradients give
    /// (<see cref="EveryPairDesign"/>).
    /// </summary>
    /// <param name="problem">What to choose from.</param>
    /// <param name="effort">Only its cancellation counts.</param>
    /// <param name="lengths">How many pairs are listed at once.</param>
    public static Batch Greedy(EveryPairProblem problem, SearchEffort effort, ListLengths lengths) =>
        Ordered(problem, Start(problem, effort, lengths.Greedy), isOptimum: false);

    /// <summary>Greedy, then a pair of the batch for any other of all while that helps.</summary>
    /// <param name="problem">What to choose from.</param>
    /// <param name="effort">When to stop exchanging.</param>
    /// <param name="lengths">How many pairs are listed at once.</param>
    public static Batch Exchange(EveryPairProblem problem, SearchEffort effort, ListLengths lengths)
    {
        HashSet<Pair> batch = [.. Start(problem, effort, lengths.Greedy)];
        bool isOptimum = batch.Count == 0, isDone = isOptimum;
        int length = lengths.Exchange;
        while (!isDone && !effort.IsOver)
        {
            (PrecisionMatrix precision, double floor) = Weakest(problem, batch);
            (Pair[] pairs, float[] g, double bound) = problem.Best(precision, batch, length);
            using WorkingList list = problem.List(batch.Concat(pairs.Where((_, i) => g[i] > floor)), problem.Start, problem.Count);
            int[] before = list.IndicesOf(batch), after = ExchangeOptimiser.Improve(list.Problem, before, effort);
            if (!after.ToHashSet().SetEquals(before))
            {
                batch = [.. list.Pairs(after)];
                continue;
            }

            // Nobody on the list helps: that is everybody, or the list has to be longer.
            isOptimum = bound <= floor + effort.Tolerance && !effort.IsOver;
            isDone = isOptimum || length >= lengths.Longest;
            length *= 4;
        }

        return Ordered(problem, batch, isOptimum);
    }

    // The better of the greedy batch and that of the largest gradients.
    private static IReadOnlyCollection<Pair> Start(EveryPairProblem problem, SearchEffort effort, int length)
    {
        HashSet<Pair> greedy = OneByOne(problem, effort, length);
        Pair[] top;
        try
        {
            top = problem.Top(effort.CancellationToken).Pairs;
        }
        catch (SingularInformationException)
        {
            // λ is lost beside the information of all pairs together: there are no gradients to compare with.
            return greedy;
        }

        using WorkingList one = problem.List(greedy, problem.Start, problem.Count), other = problem.List(top, problem.Start, problem.Count);
        return other.Precision().LogDeterminant > one.Precision().LogDeterminant ? top : greedy;
    }

    private static HashSet<Pair> OneByOne(EveryPairProblem problem, SearchEffort effort, int length)
    {
        HashSet<Pair> chosen = [];
        PrecisionMatrix precision = problem.Start;
        int last = 0;
        while (chosen.Count < problem.Count)
        {
            effort.CancellationToken.ThrowIfCancellationRequested();
            (Pair[] pairs, _, double bound) = problem.Best(precision, chosen, length);

            // What lies beyond the bound is thrown away: ask for not many more than the last list gave.
            int ask = Math.Min(Math.Min(problem.Count - chosen.Count, pairs.Length), 8 + 2 * last);
            using WorkingList list = problem.List(pairs, precision, ask);
            GreedyBatch next = list.Greedy();

            // The first is the best in any case; where nothing is left to gain, all are equal.
            double least = bound < 0 ? bound : Logarithm.OnePlus(bound);
            last = bound == 0 ? ask : Math.Max(next.Gains.TakeWhile(gain => gain > least).Count(), 1);
            int[] sure = [.. next.Indices.Take(last)];
            chosen.UnionWith(list.Pairs(sure));
            precision = list.Problem.Precision(sure);
        }

        return chosen;
    }

    // M of a batch, and its smallest g.
    private static (PrecisionMatrix Precision, double Floor) Weakest(EveryPairProblem problem, HashSet<Pair> batch)
    {
        using WorkingList list = problem.List(batch, problem.Start, batch.Count);
        PrecisionMatrix precision = list.Precision();
        return (precision, list.Problem.Gradient(precision).ToArray().Min());
    }

    private static Batch Ordered(EveryPairProblem problem, IReadOnlyCollection<Pair> batch, bool isOptimum)
    {
        using WorkingList list = problem.List(batch, problem.Start, problem.Count);
        (int[] indices, double[] gains) = BatchOrder.Arrange(list.Problem, [.. Enumerable.Range(0, batch.Count)]);
        return new Batch(list.Pairs(indices), gains, [], list.Precision()) { Passes = problem.Passes, IsLocalOptimum = isOptimum };
    }
}

/// <summary>How many pairs are listed at once.</summary>
/// <param name="Greedy">For greedy. A longer list gives more pairs before its bound is reached, but less than in proportion to what
/// it costs.</param>
/// <param name="Exchange">For exchanges at first; four times as many where none of them helps and others may.</param>
/// <param name="Longest">From here on it stays open whether others would help.</param>
internal sealed record ListLengths(int Greedy = 1 << 10, int Exchange = 1 << 12, int Longest = 1 << 18);
