namespace FisherKernels.Kernels.Cpu;

/// <summary>A selection on the caller's memory, by a workspace of its own.</summary>
internal sealed class CpuSelector(CpuBackend backend) : DOptimalSelector(backend)
{
    private readonly DesignWorkspace _design = new(backend.Threads);
    private int[] _starts = [], _incident = [];
    private float[] _v = [], _g = [];
    private double[] _m = [], _cholesky = [], _inverse = [];

    private protected override double SelectCore(
        in DOptimalProblem problem, Span<int> best, Span<float> gradients, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(backend.IsDisposed, backend);
        backend.Threads.Wake();
        _design.Operations.Cancellation = cancellationToken;
        int n = problem.Pairs.Length, d = problem.Dimension;
        Span<int> starts = Scratch.Of(ref _starts, problem.Rewards.Length + 1), incident = Scratch.Of(ref _incident, 2 * n);
        PairGraph.Sort(problem.Pairs, problem.Rewards.Length, starts, incident);
        Span<float> v = Scratch.Of(ref _v, n), g = Scratch.Of(ref _g, best.IsEmpty ? 0 : n);
        if (n > 0)
        {
            _design.Operations.Variances(problem.Pairs, problem.Rewards, v);
        }

        var from = new WeightedPairs
        {
            Pairs = problem.Pairs,
            Starts = starts,
            Incident = incident,
            Variances = v,
            Features = problem.Features,
            Dimension = d,
            Past = problem.Past,
            Ridge = problem.Ridge,
        };
        Span<double> cholesky = Scratch.Of(ref _cholesky, d * d);
        _design.Gradients(from, Scratch.Of(ref _m, d * d), cholesky, Scratch.Of(ref _inverse, d * d), g);
        _design.Top(g, best, gradients);
        return CholeskyFactor.LogDeterminant(cholesky, d);
    }
}
