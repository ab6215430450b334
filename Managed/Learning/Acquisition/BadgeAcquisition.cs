using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Clustering;

namespace FisherKernels.Learning.Acquisition;

/// <summary>
/// Batch active learning by diverse gradient embeddings: k-means++ seeding on the last layer's gradients (Ash et al. 2020).
/// </summary>
/// <remarks>
/// <code>
/// g_i = ∂loss/∂β at the predicted answer ŷ = (p − ŷ) δ_i = −min(p, 1 − p) (φ_winner − φ_loser)
/// </code>
/// A pair is long where the model is unsure and its responses differ, and a batch is spread over directions. The longest is
/// taken first, as the authors' code does; each next one is drawn in proportion to its squared distance from the nearest
/// one taken. Once all are covered exactly, the rest follow in the order of their indices.
///
/// A score is ‖g‖, what a pair is worth alone. R·d + n operations per pair of the batch, nothing of size n × d stored.
/// </remarks>
internal sealed class BadgeAcquisition : IAcquisition, IBatchSelector
{
    /// <inheritdoc/>
    public string Name => "badge";

    /// <inheritdoc/>
    public string Description => "pairs of large and diverse gradients of the last layer, drawn by k-means++";

    /// <inheritdoc/>
    public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(score_n);
        PairPoints points = Points(problem);
        score_n.CopyFrom([.. points.Lengths2.ToArray().Select(length2 => (float)Math.Sqrt(length2))]);
        return null;
    }

    /// <inheritdoc/>
    string IBatchSelector.Name => "";

    /// <inheritdoc/>
    public bool KeepsLimits => false;

    /// <inheritdoc/>
    /// <remarks>Values are the distances from the nearest pair chosen before; the first one's is its length.</remarks>
    public Batch Select(CandidateProblem problem, IAcquisition acquisition, BatchRequest request)
    {
        ArgumentNullException.ThrowIfNull(problem);
        int count = request.Count;
        PairPoints points = Points(problem);
        int n = points.Count;
        double[] nearest2 = points.Lengths2.ToArray(), here2 = new double[n], cumulated = new double[n];
        double[] centre = new double[points.Dimension], values = new double[count];
        int broken = Vectors.IndexOfNonFinite<double>(nearest2);
        if (broken >= 0)
        {
            throw new ScoreException(Name, broken);
        }

        var indices = new int[count];
        var taken = new bool[n];
        int next = Array.IndexOf(nearest2, nearest2.Max()), free = 0;
        for (int j = 0; j < count; j++)
        {
            if (j > 0)
            {
                KMeans.Cumulate(nearest2, cumulated);
                next = KMeans.Draw(cumulated, problem.Random.NextUniform());
            }

            // A taken pair lies at 0 from itself, and is drawn only where every pair does.
            while (taken[next])
            {
                next = free++;
            }

            (indices[j], values[j], taken[next]) = (next, Math.Sqrt(nearest2[next]), true);
            points.Write(next, centre);
            points.ComputeDistances2(centre, here2);
            if (j == 0)
            {
                here2.CopyTo(nearest2, 0);
            }
            else
            {
                TensorPrimitives.Min<double>(here2, nearest2, nearest2);
            }
        }

        return problem.CreateBatch(indices, values);
    }

    private static PairPoints Points(CandidateProblem problem)
    {
        float[] r = problem.Rewards.ToArray();
        Pair[] pairs = WinnerFirst.Order(problem.Candidates.OnHost.ToArray(), r);

        // 1 − p of the predicted winner, from the gap alone: nothing cancels where p is near 1.
        double[] scales = [.. pairs.Select(pair => Logit.Probability(r[pair.Second] - (double)r[pair.First]))];
        return new PairPoints(pairs, problem.Features.OnHost ?? problem.Features.ToArray(), problem.Features.Columns, scales);
    }
}
