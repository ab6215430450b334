namespace FisherKernels.Kernels;

/// <summary>A selection by the operations of any backend; nothing is kept between calls.</summary>
internal sealed class ComposedSelector(Backend on) : DOptimalSelector(on)
{
    private protected override double SelectCore(
        in DOptimalProblem problem, Span<int> best, Span<float> gradients, CancellationToken cancellationToken)
    {
        int n = problem.Pairs.Length, responses = problem.Rewards.Length, d = problem.Dimension;
        using PairGraph candidates = Backend.Graph(problem.Pairs, responses);
        using DeviceArray<float> features = Backend.Upload(problem.Features, responses, d);
        using DeviceArray<float> rewards = Backend.Upload(problem.Rewards, responses);
        using DeviceArray<double>? past = problem.Past.IsEmpty ? null : Backend.Upload(problem.Past, d, d);
        using DeviceArray<float> v = Backend.Allocate<float>(n), g = Backend.Allocate<float>(n);
        Backend.PairVariances(candidates, rewards, v);
        BestPairs found = Backend.Best(candidates, features, v, past, problem.Ridge, g, best.Length, cancellationToken);
        found.Indices.CopyTo(best);
        found.Scores.AsSpan(0, gradients.Length).CopyTo(gradients);
        return found.Precision.LogDeterminant;
    }
}
