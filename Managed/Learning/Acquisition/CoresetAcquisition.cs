using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using FisherKernels.Learning.Clustering;

namespace FisherKernels.Learning.Acquisition;

/// <summary>Bayesian coreset for logistic regression: the pairs of largest sensitivity (Huggins, Campbell and Broderick 2016, algorithm 2; MATH.md §4).</summary>
/// <remarks>
/// <code>
/// σ_i = n / (1 + q_i)      q_i = (g − 1) e^(−R f ‖δ_i − c‖) + Σ over the other clusters of g_k e^(−R ‖δ_i − c_k‖)
/// </code>
/// c and g are centre and size of the own cluster of a k-means clustering of δ = φ_a − φ_b, predicted winner first; f = 1, or g/(g − 1)
/// where the own centre leaves the pair out. A pair alone in its cluster has no such term.
///
/// <c>coreset+sample</c> is the paper's draw in proportion to σ. It draws with replacement; a person is not asked the same twice, and
/// drawing on until enough distinct pairs are there is, step by step, drawing without replacement in proportion to σ, the Gumbel top-k of
/// every <c>+sample</c> (Efraimidis and Spirakis 2006; Kool, van Hoof and Welling 2019). The weights 1/(npairs·probability) that make
/// the coreset's likelihood unbiased are not used: labels are asked, not weighed.
///
/// Scores are −log q, finite and distinct where σ itself would be n to the last digit for every pair far from the others.
/// Clustering is seeded by the context; K·(R·d + n) operations a pass, nothing of size n × d stored, and of size n × K what is small.
/// </remarks>
public sealed class CoresetAcquisition : IAcquisition
{
    /// <summary>K ≥ 1; all candidates where they are fewer.</summary>
    public int Clusters
    {
        get;
        init { ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(Clusters)); field = value; }
    } = 10;

    /// <summary>Lloyd's iterations after the seeding, ≥ 0; the paper of active reward modelling ran one.</summary>
    public int Iterations
    {
        get;
        init { ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(Iterations)); field = value; }
    } = 1;

    /// <summary>R, radius of the ball that the head is taken to lie in: itself above 0; below 0 −R over the root mean squared distance from the centres; 0 stands for −3.</summary>
    public double Radius
    {
        get;
        init => field = double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Radius), value, "R must be finite.");
    } = 1;

    /// <summary>Whether the own cluster's centre leaves the pair out, as the bound has it, and not only its size.</summary>
    public bool LeavesOut { get; init; }

    /// <inheritdoc/>
    public string Name => "coreset";

    /// <inheritdoc/>
    public string Description => "pairs unlike the clusters that the others form (Bayesian coreset)";

    /// <inheritdoc/>
    public PrecisionMatrix? Score(AcquisitionContext context, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(score_n);
        using Rented<Pair> pairs = WinnerFirst.Of(context);
        ReadOnlyMemory<float> phi = context.Features.OnHost ?? context.Features.ToArray();
        using var points = new PairPoints(pairs.Memory, phi, context.Features.Columns, [], context.Backend);
        int n = points.Count, k = Math.Min(Clusters, n);
        using var seeded = new Assignment(n);
        int[] seeds = KMeans.Seed(points, k, KMeans.Trials(k), context.Random.NextBelow(n), context.Random.NextUniform, seeded);
        using var kept = KeptDistances.UnlessMany(points, points.Dimension == 0 ? 1 : k);
        Clusters clusters = KMeans.Lloyd(points, KMeans.CentresAt(points, seeds), Iterations, seeded, kept);
        double[] logRest = LogRest(points, clusters, RadiusOf(Radius, clusters.Inertia, n), LeavesOut, kept);
        using var score = new Rented<float>(n);
        TensorPrimitives.ConvertTruncating<double, float>(logRest, score.Span);
        TensorPrimitives.Negate<float>(score.Span, score.Span);
        score_n.CopyFrom(score.Span);
        return null;
    }

    /// <summary>σ/n in (0, 1], the sensitivity as a share of the largest there can be, from −log q.</summary>
    public double Value(float score) => Logit.Probability(score);

    /// <summary>R as it is used.</summary>
    internal static double RadiusOf(double radius, double inertia, int n)
    {
        double multiple = radius == 0 ? 3 : -radius;

        // Where every point lies on its centre there is no spread to measure by.
        return radius > 0 ? radius : inertia > 0 ? multiple / Math.Sqrt(inertia / n) : multiple;
    }

    /// <summary>log q of every pair; −∞ for a single pair.</summary>
    internal static double[] LogRest(PairPoints points, Clusters clusters, double radius, bool leavesOut, KeptDistances? kept = null)
    {
        int n = points.Count, d = points.Dimension, count = d == 0 ? 1 : clusters.Centres.Length / d;
        var sizes = new double[count];
        foreach (int label in clusters.Labels)
        {
            sizes[label]++;
        }

        // What a cluster of its size adds, and the factor and the summand of a pair of its own less that.
        double[] logSizes = [.. sizes.Select(size => Math.Log(size))], own = [.. sizes.Select(size => leavesOut && size > 1 ? size / (size - 1) : 1)];
        double[] ownLess = [.. sizes.Select(size => Math.Log(size - 1) - Math.Log(size))];

        // Σ e^term kept as e^largest · sum, some clusters at a time.
        var logRest = new double[n];
        using var sum = new Rented<double>(n);
        sum.Span.Clear();
        Array.Fill(logRest, double.MinValue);   // where every term is −∞, log 0 makes it so in the end
        TakeDistances add = (begin, first, terms) =>
        {
            int length = Math.Min(PairPoints.PairBlock, n - begin), some = terms.Length / PairPoints.PairBlock;
            Span<double> largest = logRest.AsSpan(begin, length), total = sum.Span.Slice(begin, length);
            TensorPrimitives.Sqrt(terms, terms);
            TensorPrimitives.Multiply(terms, -radius, terms);
            ReadOnlySpan<int> labels = clusters.Labels.AsSpan(begin, length);
            for (int i = 0; i < labels.Length; i++)
            {
                int label = labels[i], at = (label - first) * PairPoints.PairBlock + i;
                if ((uint)at < (uint)terms.Length)
                {
                    terms[at] = ownLess[label] + own[label] * terms[at];
                }
            }

            using var before = new Rented<double>(largest);
            Span<double> scale = before.Span;
            for (int k = 0; k < some; k++)
            {
                TensorPrimitives.Add(terms.Slice(k * PairPoints.PairBlock, length), logSizes[first + k], terms[(k * PairPoints.PairBlock)..]);
                TensorPrimitives.Max(largest, terms.Slice(k * PairPoints.PairBlock, length), largest);
            }

            if (first > 0)
            {
                TensorPrimitives.Subtract(scale, largest, scale);
                TensorPrimitives.Exp(scale, scale);
                TensorPrimitives.Multiply(total, scale, total);
            }

            for (int k = 0; k < some; k++)
            {
                Span<double> term = terms.Slice(k * PairPoints.PairBlock, length);
                TensorPrimitives.Subtract(term, largest, term);
                TensorPrimitives.Exp(term, term);
                TensorPrimitives.Add(total, term, total);
            }
        };
        if (kept is null)
        {
            points.Distances2(clusters.Centres, count, 30, add);
        }
        else
        {
            kept.Give(30, add);
        }

        TensorPrimitives.Log<double>(sum.Span, sum.Span);
        TensorPrimitives.Add(logRest, sum.Span, logRest);
        return logRest;
    }
}
