using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using FisherKernels.Learning.Clustering;

namespace FisherKernels.Learning.Acquisition;

/// <summary>
/// Bayesian coreset for logistic regression: the pairs of largest sensitivity (Huggins, Campbell and Broderick 2016, algorithm 2; MATH.md
/// §4).
/// </summary>
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
/// Clustering is seeded by the problem and runs on one thread of the host; K·(R·d + n) operations a pass, nothing of size n × d or n × K
/// stored.
/// </remarks>
internal sealed class CoresetAcquisition : IAcquisition
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

    /// <summary>
    /// R, radius of the ball that the head is taken to lie in: itself above 0; below 0 −R over the root mean squared distance from the
    /// centres; 0 stands for −3.
    /// </summary>
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
    public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(score_n);
        Pair[] pairs = WinnerFirst.Order(problem.Candidates.OnHost.ToArray(), problem.Rewards.ToArray());
        var points = new PairPoints(pairs, problem.Features.OnHost ?? problem.Features.ToArray(), problem.Features.Columns);
        int n = points.Count, k = Math.Min(Clusters, n);
        int[] seeds = KMeans.Seed(points, k, KMeans.Trials(k), problem.Random.NextBelow(n), problem.Random.NextUniform);
        Clusters clusters = KMeans.Lloyd(points, KMeans.CentresAt(points, seeds), Iterations);
        double[] logRest = LogRest(points, clusters, ComputeRadius(Radius, clusters.Inertia, n), LeavesOut);
        var score = new float[n];
        TensorPrimitives.ConvertTruncating<double, float>(logRest, score);
        TensorPrimitives.Negate<float>(score, score);
        score_n.CopyFrom(score);
        return null;
    }

    /// <summary>σ/n in (0, 1], the sensitivity as a share of the largest there can be, from −log q.</summary>
    public double Value(float score) => Logit.Probability(score);

    /// <summary>The radius R that is used, > 0.</summary>
    internal static double ComputeRadius(double radius, double inertia, int n)
    {
        double multiple = radius == 0 ? 3 : -radius;

        // Where every point lies on its centre there is no spread to measure by.
        return radius > 0 ? radius : inertia > 0 ? multiple / Math.Sqrt(inertia / n) : multiple;
    }

    /// <summary>log q of every pair, [n]; −∞ for a single pair.</summary>
    internal static double[] LogRest(PairPoints points, Clusters clusters, double radius, bool leavesOut)
    {
        int n = points.Count, d = points.Dimension, count = d == 0 ? 1 : clusters.Centres.Length / d;
        var sizes = new double[count];
        foreach (int label in clusters.Labels)
        {
            sizes[label]++;
        }

        // Σ e^term kept as e^largest · sum, a cluster at a time. Where every term is −∞, log 0 makes the sum so in the end.
        double[] largest = new double[n], next = new double[n], sum = new double[n];
        Array.Fill(largest, double.MinValue);
        points.ForEachCentre(clusters.Centres, count, (k, term) =>
        {
            TensorPrimitives.Sqrt(term, term);
            TensorPrimitives.Multiply(term, -radius, term);

            // A pair of the cluster itself is left out of its size, and of its centre where that is asked for.
            double others = Math.Log(sizes[k] - 1) - Math.Log(sizes[k]), factor = leavesOut && sizes[k] > 1 ? sizes[k] / (sizes[k] - 1) : 1;
            for (int i = 0; i < term.Length; i++)
            {
                if (clusters.Labels[i] == k)
                {
                    term[i] = others + factor * term[i];
                }
            }

            TensorPrimitives.Add(term, Math.Log(sizes[k]), term);
            TensorPrimitives.Max(largest, term, next);
            TensorPrimitives.Subtract(largest, next, largest);
            TensorPrimitives.Exp(largest, largest);
            TensorPrimitives.Multiply(sum, largest, sum);
            TensorPrimitives.Subtract(term, next, term);
            TensorPrimitives.Exp(term, term);
            TensorPrimitives.Add(sum, term, sum);
            (largest, next) = (next, largest);
        });
        TensorPrimitives.Log<double>(sum, sum);
        TensorPrimitives.Add(largest, sum, largest);
        return largest;
    }
}
