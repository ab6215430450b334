using System.Numerics.Tensors;

namespace FisherKernels.Learning.Clustering;

/// <summary>Points in clusters.</summary>
/// <param name="Centres">[K, d] row by row.</param>
/// <param name="Labels">[n], the nearest centre of each point, the lower of equally near ones.</param>
/// <param name="Inertia">Σ ‖x − own centre‖².</param>
internal sealed record Clusters(double[] Centres, int[] Labels, double Inertia);

/// <summary>k-means: seeding by k-means++ (Arthur and Vassilvitskii 2007), then Lloyd's iterations.</summary>
internal static class KMeans
{
    /// <summary>Trials per centre of the greedy seeding, 2 + ⌊ln K⌋ (Arthur's own implementation).</summary>
    public static int Trials(int clusters) => 2 + (int)Math.Log(clusters);

    /// <summary>K points to start from: each of some trials is drawn in proportion to the squared distance from the centres so far; the one that leaves the least total is kept, the first of equal ones.</summary>
    /// <param name="points">n ≥ 1.</param>
    /// <param name="clusters">K.</param>
    /// <param name="trials">Per centre.</param>
    /// <param name="first">The first centre's point.</param>
    /// <param name="uniform">Numbers in [0, 1).</param>
    /// <param name="assigned">Where points belong when all are chosen, out; null where nobody asks.</param>
    public static int[] Seed(PairPoints points, int clusters, int trials, int first, Func<double> uniform, Assignment? assigned = null)
    {
        int n = points.Count, d = points.Dimension, blocks = (n + PairPoints.PairBlock - 1) / PairPoints.PairBlock;
        var chosen = new int[clusters];
        chosen[0] = first;
        double[] centres = new double[trials * d], sums = new double[blocks], totals = new double[trials];
        var drawn = new int[trials];
        using Assignment? own = assigned is null ? new Assignment(n) : null;
        Assignment to = assigned ?? own!;
        using Rented<double> lowered = new(trials * n), parts = new(trials * blocks);
        points.Write(first, centres.AsSpan(0, d));
        points.Distances2(centres.AsSpan(0, d), 1, 4, (begin, _, distances2) =>
        {
            Span<double> row = Row(0, begin);
            distances2[..row.Length].CopyTo(row);
            sums[begin / PairPoints.PairBlock] = TensorPrimitives.Sum<double>(row);
        });
        int best = 0;
        for (int k = 1; k < clusters; k++)
        {
            for (int t = 0; t < trials; t++)
            {
                drawn[t] = Draw(sums, lowered.Span.Slice(best * n, n), uniform());
                points.Write(drawn[t], centres.AsSpan(t * d, d));
            }

            points.Distances2(centres, trials, 8, (begin, from, distances2) =>
            {
                if (from == 0)
                {
                    // The centre chosen last, before its distances are written over.
                    to.Lower(begin, k - 1, Row(best, begin));
                }

                int block = begin / PairPoints.PairBlock;
                for (int t = 0; t * PairPoints.PairBlock < distances2.Length; t++)
                {
                    Span<double> trial = Row(from + t, begin);
                    TensorPrimitives.Min(distances2.Slice(t * PairPoints.PairBlock, trial.Length), to.Block(begin), trial);
                    parts.Span[(from + t) * blocks + block] = TensorPrimitives.Sum<double>(trial);
                }
            });
            best = 0;
            for (int t = 0; t < trials; t++)
            {
                totals[t] = Sum(parts.Span.Slice(t * blocks, blocks));
                best = totals[t] < totals[best] ? t : best;
            }

            chosen[k] = drawn[best];
            parts.Span.Slice(best * blocks, blocks).CopyTo(sums);
        }

        points.Share(n, PairPoints.PairBlock, 4, (begin, _) => to.Lower(begin, clusters - 1, Row(best, begin)));
        return chosen;

        Span<double> Row(int trial, int begin) => lowered.Span.Slice(trial * n + begin, Math.Min(PairPoints.PairBlock, n - begin));
    }

    // A few, one after the other: a draw goes through them in the same way.
    private static double Sum(ReadOnlySpan<double> numbers)
    {
        double sum = 0;
        foreach (double number in numbers)
        {
            sum += number;
        }

        return sum;
    }

    // The first whose running sum reaches that share of the total, looked for in the block of which it is.
    private static int Draw(ReadOnlySpan<double> blockSums, ReadOnlySpan<double> weights, double share)
    {
        double threshold = share * Sum(blockSums), before = 0;
        int block = 0;
        for (; block < blockSums.Length - 1 && before + blockSums[block] < threshold; block++)
        {
            before += blockSums[block];
        }

        int i = block * PairPoints.PairBlock, end = Math.Min(i + PairPoints.PairBlock, weights.Length) - 1;
        for (before += weights[i]; i < end && before < threshold; before += weights[i])
        {
            i++;
        }

        // The sum of the block was another by rounding, and the end is not to be drawn for it where it has no weight.
        while (before < threshold && weights[i] == 0 && i > block * PairPoints.PairBlock)
        {
            i--;
        }

        return i;
    }

    /// <summary>Running sums.</summary>
    public static void Cumulate(ReadOnlySpan<double> weights, Span<double> cumulated)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            cumulated[i] = sum += weights[i];
        }
    }

    /// <summary>The first whose running sum reaches that share of the total.</summary>
    public static int Draw(ReadOnlySpan<double> cumulated, double share)
    {
        double threshold = share * cumulated[^1];
        int low = 0, high = cumulated.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = cumulated[middle] >= threshold ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>The centres at some points.</summary>
    public static double[] CentresAt(PairPoints points, ReadOnlySpan<int> chosen)
    {
        int d = points.Dimension;
        var centres = new double[chosen.Length * d];
        for (int k = 0; k < chosen.Length; k++)
        {
            points.Write(chosen[k], centres.AsSpan(k * d, d));
        }

        return centres;
    }

    /// <summary>Lloyd's iterations: points to the nearest centre, centres to the mean of theirs; at the end the points are assigned once more.</summary>
    /// <remarks>A centre without points moves to the point farthest from its own centre, which leaves its cluster.</remarks>
    /// <param name="points">n ≥ K.</param>
    /// <param name="start">[K, d].</param>
    /// <param name="iterations">How many; fewer once nothing moves.</param>
    /// <param name="seeded">Where points belong to start with, used up; null where nobody knows.</param>
    /// <param name="kept">Room for the distances from the centres in the end; null where nobody asks.</param>
    public static Clusters Lloyd(PairPoints points, double[] start, int iterations, Assignment? seeded = null, KeptDistances? kept = null)
    {
        int n = points.Count, clusters = points.Dimension == 0 ? 1 : start.Length / points.Dimension;
        double[] centres = start;
        int[] labels = new int[n], before = new int[n];
        using Assignment? own = seeded is null ? new Assignment(n) : null;
        Assignment to = seeded ?? own!;
        if (seeded is null || iterations == 0)
        {
            Assign(points, centres, clusters, to, kept);
        }

        to.CopyLabels(labels);
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            centres = Means(points, labels, to.Distances2, clusters);
            (labels, before) = (before, labels);
            Assign(points, centres, clusters, to, kept);
            to.CopyLabels(labels);
            if (iteration > 0 && labels.AsSpan().SequenceEqual(before))
            {
                break;
            }
        }

        return new Clusters(centres, labels, TensorPrimitives.Sum<double>(to.Distances2));
    }

    private static void Assign(PairPoints points, double[] centres, int clusters, Assignment to, KeptDistances? kept)
    {
        to.Clear();
        points.Distances2(centres, clusters, 4, (begin, first, distances2) =>
        {
            for (int k = 0; k * PairPoints.PairBlock < distances2.Length; k++)
            {
                to.Lower(begin, first + k, distances2[(k * PairPoints.PairBlock)..]);
            }

            kept?.Keep(begin, first, distances2);
        });
    }

    private static double[] Means(PairPoints points, int[] labels, ReadOnlySpan<double> distances2, int clusters)
    {
        int d = points.Dimension;
        var sums = new double[clusters * d];
        var sizes = new int[clusters];
        foreach (int label in labels)
        {
            sizes[label]++;
        }

        points.Sums(labels, sums);
        if (sizes.Contains(0))
        {
            MoveEmpty(points, labels, distances2.ToArray(), sums, sizes);
        }

        for (int k = 0; k < clusters; k++)
        {
            Span<double> sum = sums.AsSpan(k * d, d);
            TensorPrimitives.Divide(sum, sizes[k], sum);
        }

        return sums;
    }

    private static void MoveEmpty(PairPoints points, int[] labels, double[] distances2, double[] sums, int[] sizes)
    {
        int d = points.Dimension, next = 0;
        var x = new double[d];
        int[] farthest = [.. Enumerable.Range(0, labels.Length).OrderByDescending(i => distances2[i])];
        for (int k = 0; k < sizes.Length; k++)
        {
            if (sizes[k] > 0)
            {
                continue;
            }

            // The last point of a cluster stays, or that one would be empty instead; n ≥ K points leave another.
            while (sizes[labels[farthest[next]]] == 1)
            {
                next++;
            }

            int moved = farthest[next++], own = labels[moved];
            points.Write(moved, x);
            x.CopyTo(sums.AsSpan(k * d, d));
            Span<double> left = sums.AsSpan(own * d, d);
            TensorPrimitives.Subtract(left, x, left);
            (sizes[k], sizes[own]) = (1, sizes[own] - 1);
        }
    }
}
