using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Batches;

/// <summary>The order in which the pairs of a batch are asked: each the best beside those before it, so that whoever stops early
/// has asked what tells most.</summary>
internal static class BatchOrder
{
    /// <summary>The pairs in that order, and what each adds to log det M, in nats; what the values sum to is log det M − log det
    /// M₀.</summary>
    public static (int[] Indices, double[] Gains) Arrange(BatchProblem problem, int[] indices)
    {
        var inverse = new UpdatedInverse(problem.Start);
        double[] delta = new double[problem.Dimension], u = new double[problem.Dimension];

        // A gain only falls: an old one bounds it (Minoux 1978).
        var queue = new PriorityQueue<(int Pair, int LookedAt), (double Gain, int Pair)>(
            Comparer<(double Gain, int Pair)>.Create(
                (x, y) => y.Gain.CompareTo(x.Gain) is var order and not 0 ? order : x.Pair.CompareTo(y.Pair)));
        foreach (int pair in indices)
        {
            queue.Enqueue((pair, 0), (Look(pair), pair));
        }

        var ordered = new List<int>(indices.Length);
        var gains = new List<double>(indices.Length);
        while (queue.TryDequeue(out (int Pair, int LookedAt) next, out _))
        {
            double g = Look(next.Pair);
            if (next.LookedAt < ordered.Count)
            {
                queue.Enqueue((next.Pair, ordered.Count), (g, next.Pair));
                continue;
            }

            ordered.Add(next.Pair);
            gains.Add(Logarithm.OnePlus(g));
            double v = problem.V[next.Pair];
            inverse.Update(v, u, v > 0 ? g / v : 0);
        }

        return ([.. ordered], [.. gains]);

        double Look(int pair)
        {
            problem.Delta(pair, delta);
            return problem.V[pair] * Math.Max(inverse.Multiply(delta, u), 0);
        }
    }
}
