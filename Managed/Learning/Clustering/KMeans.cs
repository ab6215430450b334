using System.Numerics.Tensors;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Clustering;

/// <summary>Points in clusters.</summary>
/// <param name="Centres">K centres, [K, d] row by row.</param>
/// <param name="Labels">[n], the index of the nearest centre of each point, the lower of equally near ones.</param>
/// <param name="Inertia">Σ ‖x − own centre‖².</param>
internal sealed record Clusters(double[] Centres, int[] Labels, double Inertia);

/// <summary>k-means: seeding by k-means++ (Arthur and Vassilvitskii 2007), then Lloyd's iterations.</summary>
internal static class KMeans
{
    /// <summary>Trials per centre of the greedy seeding, 2 + ⌊ln K⌋ (Arthur's own implementation).</summary>
    public static int Trials(int clusters) => 2 + (int)Math.Log(clusters);

    /// <summary>
    /// K points to start from: each of some trials is drawn in proportion to the squared distance from the centres so far; the one that
    /// leaves the least total is kept, the first of equal ones.
    /// </summary>
    /// <param name="points">n ≥ 1 points.</param>
    /// <param name="clusters">K ≥ 1.</param>
    /// <param name="trials">Trials per centre.</param>
    /// <param name="first">The index of the first centre's point.</param>
    /// <param name="uniform">Draws from [0, 1).</param>
    public static int[] Seed(PairPoints points, int clusters, int trials, int first, Func<double> uniform)
    {
        int n = points.Count, d = points.Dimension;
        int[] chosen = new int[clusters], drawn = new int[trials];
        double[] nearest2 = new double[n], lowered2 = new double[n], cumulated = new double[n], centres = new double[trials * d];
        chosen[0] = first;
        points.Write(first, centres.AsSpan(0, d));
        points.ComputeDistances2(centres.AsSpan(0, d), nearest2);
        for (int k = 1; k < clusters; k++)
        {
            Cumulate(nearest2, cumulated);
            for (int t = 0; t < trials; t++)
            {
                drawn[t] = Draw(cumulated, uniform());
                points.Write(drawn[t], centres.AsSpan(t * d, d));
            }

            int best = -1;
            double least = double.PositiveInfinity;
            points.ForEachCentre(centres, trials, (t, trial2) =>
            {
                TensorPrimitives.Min(trial2, nearest2, trial2);
                double total = TensorPrimitives.Sum<double>(trial2);
                if (best < 0 || total < least)
                {
                    (best, least) = (t, total);
                    trial2.CopyTo(lowered2);
                }
            });
            chosen[k] = drawn[best];
            (nearest2, lowered2) = (lowered2, nearest2);
        }

        return chosen;
    }

    /// <summary>Writes running sums.</summary>
    public static void Cumulate(ReadOnlySpan<double> weights, Span<double> cumulated)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            cumulated[i] = sum += weights[i];
        }
    }

    /// <summary>The first index whose running sum reaches that share, in [0, 1), of the total.</summary>
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

    /// <summary>The centres [K, d] that lie at some points.</summary>
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

    /// <summary>
    /// Lloyd's iterations: points to the nearest centre, centres to the mean of theirs; at the end the points are assigned once more.
    /// </summary>
    /// <remarks>A centre without points moves to the point farthest from its own centre, which leaves its cluster.</remarks>
    /// <param name="points">n ≥ K points.</param>
    /// <param name="start">K centres, [K, d].</param>
    /// <param name="iterations">Iterations at most; fewer once nothing moves.</param>
    public static Clusters Lloyd(PairPoints points, double[] start, int iterations)
    {
        int n = points.Count, clusters = points.Dimension == 0 ? 1 : start.Length / points.Dimension;
        double[] centres = start, distances2 = new double[n];
        int[] labels = new int[n], before = new int[n];
        Assign(points, centres, clusters, labels, distances2);
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            centres = Means(points, labels, distances2, clusters);
            (labels, before) = (before, labels);
            Assign(points, centres, clusters, labels, distances2);
            if (iteration > 0 && labels.AsSpan().SequenceEqual(before))
            {
                break;
            }
        }

        return new Clusters(centres, labels, TensorPrimitives.Sum<double>(distances2));
    }

    private static void Assign(PairPoints points, double[] centres, int clusters, int[] labels, double[] nearest2)
    {
        Array.Clear(labels);
        Array.Fill(nearest2, double.PositiveInfinity);
        points.ForEachCentre(centres, clusters, (k, distances2) =>
        {
            for (int i = 0; i < distances2.Length; i++)
            {
                // At random for the first centres: no branch foresees which.
                bool isNearer = distances2[i] < nearest2[i];
                labels[i] = isNearer ? k : labels[i];
                nearest2[i] = isNearer ? distances2[i] : nearest2[i];
            }
        });
    }

    private static double[] Means(PairPoints points, int[] labels, double[] distances2, int clusters)
    {
        int d = points.Dimension;
        var sums = new double[clusters * d];
        var sizes = new int[clusters];
        foreach (int label in labels)
        {
            sizes[label]++;
        }

        points.ComputeSums(labels, sums);
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

    private static void MoveEmpty(PairPoints points, int[] labels, double[] distances2, double[] sums, int[] sizes)
    {
        int d = points.Dimension, next = 0;
        var x = new double[d];
        int[] farthest = Vectors.Descending(distances2);
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
