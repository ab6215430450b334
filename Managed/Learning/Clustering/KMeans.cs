using System.Numerics;
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
    // Centres whose distances are held at a time.
    private const int Together = PairPoints.Together;

    // Coordinates of a mean that are summed together: some neighbouring lines of every row.
    private const int Strip = 32;

    /// <summary>Trials per centre of the greedy seeding, 2 + ⌊ln K⌋ (Arthur's own implementation).</summary>
    public static int Trials(int clusters) => 2 + (int)Math.Log(clusters);

    /// <summary>K points to start from: each of some trials is drawn in proportion to the squared distance from the centres so far; the one that leaves the least total is kept, the first of equal ones.</summary>
    /// <param name="points">n ≥ 1.</param>
    /// <param name="clusters">K.</param>
    /// <param name="trials">Per centre.</param>
    /// <param name="first">The first centre's point.</param>
    /// <param name="uniform">Numbers in [0, 1).</param>
    public static int[] Seed(PairPoints points, int clusters, int trials, int first, Func<double> uniform)
    {
        int n = points.Count;
        var chosen = new int[clusters];
        chosen[0] = first;
        int d = points.Dimension;
        double[] centres = new double[trials * d], totals = new double[trials];
        var drawn = new int[trials];
        using Rented<double> cumulated = new(n), nearest = new(n), distances2 = new(trials * n);
        points.Write(first, centres.AsSpan(0, d));
        points.Distances2(centres.AsSpan(0, d), nearest.Memory);
        for (int k = 1; k < clusters; k++)
        {
            Cumulate(nearest.Span, cumulated.Span);
            for (int t = 0; t < trials; t++)
            {
                drawn[t] = Draw(cumulated.Span, uniform());
                points.Write(drawn[t], centres.AsSpan(t * d, d));
            }

            points.Distances2(centres, distances2.Memory);
            points.Share(trials, 1, n, (t, _) =>
            {
                Span<double> trial = distances2.Span.Slice(t * n, n);
                TensorPrimitives.Min(trial, nearest.Span, trial);
                totals[t] = TensorPrimitives.Sum<double>(trial);
            });
            int best = 0;
            for (int t = 1; t < trials; t++)
            {
                best = totals[t] < totals[best] ? t : best;
            }

            chosen[k] = drawn[best];
            distances2.Span.Slice(best * n, n).CopyTo(nearest.Span);
        }

        return chosen;
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
    public static Clusters Lloyd(PairPoints points, double[] start, int iterations)
    {
        int n = points.Count;
        double[] centres = start;
        var labels = new int[n];
        using var before = new Rented<int>(n);
        using var distances2 = new Rented<double>(n);
        Assign(points, centres, labels, distances2.Memory);
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            centres = Means(points, labels, distances2.Memory, points.Dimension == 0 ? 1 : start.Length / points.Dimension);
            labels.CopyTo(before.Span);
            Assign(points, centres, labels, distances2.Memory);
            if (iteration > 0 && labels.AsSpan().SequenceEqual(before.Span))
            {
                break;
            }
        }

        return new Clusters(centres, labels, TensorPrimitives.Sum<double>(distances2.Span));
    }

    private static void Assign(PairPoints points, double[] centres, int[] labels, Memory<double> distances2)
    {
        int d = points.Dimension, n = points.Count;
        Memory<double> here = points.Here;
        using var numbers = new Rented<double>(n);
        distances2.Span.Fill(double.PositiveInfinity);
        for (int first = 0; first * d < centres.Length; first += Together)
        {
            int start = first, some = Math.Min(Together, centres.Length / d - first);
            points.Distances2(centres.AsSpan(first * d, some * d), here[..(some * n)]);
            points.Share(n, PairPoints.PairBlock, some, (begin, end) =>
            {
                for (int k = 0; k < some; k++)
                {
                    Nearer(here.Span.Slice(k * n + begin, end - begin), start + k, distances2.Span[begin..end], numbers.Span[begin..end]);
                }
            });
        }

        TensorPrimitives.ConvertTruncating<double, int>(numbers.Span, labels);
    }

    // The nearest so far and its number, which as a double goes through the same registers.
    private static void Nearer(ReadOnlySpan<double> from, int number, Span<double> nearest, Span<double> numbers)
    {
        int i = 0;
        var own = new Vector<double>(number);
        for (; i <= from.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector<double> here = new(from[i..]), before = new(nearest[i..]);
            Vector<long> nearer = Vector.LessThan(here, before);
            Vector.ConditionalSelect(nearer, here, before).CopyTo(nearest[i..]);
            Vector.ConditionalSelect(nearer, own, new Vector<double>(numbers[i..])).CopyTo(numbers[i..]);
        }

        for (; i < from.Length; i++)
        {
            (nearest[i], numbers[i]) = from[i] < nearest[i] ? (from[i], number) : (nearest[i], numbers[i]);
        }
    }

    private static double[] Means(PairPoints points, int[] labels, Memory<double> distances2, int clusters)
    {
        int d = points.Dimension;
        var sums = new double[clusters * d];
        var sizes = new int[clusters];
        foreach (int label in labels)
        {
            sizes[label]++;
        }

        points.Share(d, Strip, points.Count, (begin, end) =>
        {
            // Of its own until it is done: threads that write to one line wait for each other.
            int width = end - begin;
            var strip = new double[clusters * width];
            for (int i = 0; i < labels.Length; i++)
            {
                points.AddTo(strip.AsSpan(labels[i] * width, width), i, begin);
            }

            for (int k = 0; k < clusters; k++)
            {
                strip.AsSpan(k * width, width).CopyTo(sums.AsSpan(k * d + begin));
            }
        });
        if (sizes.Contains(0))
        {
            MoveEmpty(points, labels, distances2, sums, sizes);
        }

        for (int k = 0; k < clusters; k++)
        {
            Span<double> sum = sums.AsSpan(k * d, d);
            TensorPrimitives.Divide(sum, sizes[k], sum);
        }

        return sums;
    }

    private static void MoveEmpty(PairPoints points, int[] labels, Memory<double> distances2, double[] sums, int[] sizes)
    {
        int d = points.Dimension, next = 0;
        var x = new double[d];
        int[] farthest = [.. Enumerable.Range(0, labels.Length).OrderByDescending(i => distances2.Span[i])];
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
