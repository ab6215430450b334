using System.Numerics.Tensors;
using FisherKernels.Bench.Experiments.Page;
using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>How batches of one problem look: all in the metric of M of all candidates, so that they can be compared.</summary>
internal sealed class BatchLooks
{
    private readonly BatchProblem _problem;
    private readonly PrecisionMatrix _all;
    private readonly HashSet<int> _top;

    /// <param name="problem">What is chosen from.</param>
    /// <param name="top">The largest gradients.</param>
    public BatchLooks(BatchProblem problem, int[] top)
    {
        (_problem, _top) = (problem, [.. top]);
        _all = problem.Precision([.. Enumerable.Range(0, problem.Candidates.Count)]);
    }

    /// <summary>Of a batch of at least one.</summary>
    public BatchLook Of(int[] numbers)
    {
        int d = _problem.Dimension, c = numbers.Length;
        double[] z_cd = new double[c * d], delta = new double[d];
        for (int i = 0; i < c; i++)
        {
            _problem.Delta(numbers[i], delta);
            for (int j = 0; j < d; j++)
            {
                z_cd[i * d + j] = TensorPrimitives.Dot<double>(_all.InverseCholesky.Slice(j * d, d), delta);
            }
        }

        int responses = numbers.SelectMany(i => (int[])[_problem.Pairs[i].First, _problem.Pairs[i].Second]).Distinct().Count();
        return new BatchLook(
            responses, BatchSpread.Of(z_cd, d).PairDistance, Closest(z_cd, c, d), (double)numbers.Count(_top.Contains) / c);
    }

    private static double Closest(double[] z_cd, int c, int d)
    {
        var most = new double[c];
        double[] length = [.. Enumerable.Range(0, c).Select(i => TensorPrimitives.Norm<double>(z_cd.AsSpan(i * d, d)))];
        for (int i = 0; i < c; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double lengths = length[i] * length[j];
                double cosine = lengths == 0
                    ? 0 : Math.Abs(TensorPrimitives.Dot<double>(z_cd.AsSpan(i * d, d), z_cd.AsSpan(j * d, d))) / lengths;
                (most[i], most[j]) = (Math.Max(most[i], cosine), Math.Max(most[j], cosine));
            }
        }

        return most.Average();
    }
}
