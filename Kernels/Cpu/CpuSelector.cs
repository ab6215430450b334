namespace FisherKernels.Kernels.Cpu;

/// <summary>A selection on the caller's memory, with arrays that are kept.</summary>
internal sealed class CpuSelector : DOptimalSelector
{
    private readonly Workers _threads;
    private readonly DesignOperations _design;
    private readonly PanelUpdate _update;
    private int[] _starts = [], _incident = [];
    private float[] _v = [], _g = [];
    private double[] _m = [], _cholesky = [], _inverse = [], _z = [];

    public CpuSelector(CpuBackend backend)
        : base(backend) => (_threads, _design, _update) = (backend.Threads, new DesignOperations(backend.Threads), new PanelUpdate(backend.Threads));

    private protected override double SelectCore(in DOptimalProblem problem, Span<int> best, Span<float> gradients, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(((CpuBackend)Backend).IsDisposed, Backend);
        _threads.Wake();
        int responses = problem.Rewards.Length;
        Span<int> starts = Scratch.Of(ref _starts, responses + 1), incident = Scratch.Of(ref _incident, 2 * problem.Pairs.Length);
        PairGraph.Sort(problem.Pairs, responses, starts, incident);
        return Select(problem, starts, incident, best, gradients, cancellation);
    }

    private protected override double SelectCore(in DOptimalArrays problem, Span<int> best, Span<float> gradients, CancellationToken cancellation)
    {
        _threads.Wake();
        PairGraph candidates = problem.Candidates;
        var here = new DOptimalProblem
        {
            Features = Of(problem.Features),
            Dimension = problem.Features.Columns,
            Rewards = Of(problem.Rewards),
            Pairs = Of(candidates.Pairs),
            Past = problem.Past is { } past ? Of(past) : [],
            Ridge = problem.Ridge,
        };
        return Select(here, Of(candidates.Starts), Of(candidates.Incident), best, gradients, cancellation);
    }

    private static Span<T> Of<T>(DeviceArray<T> array)
        where T : unmanaged => ((CpuArray<T>)array).Span;

    private double Select(
        in DOptimalProblem problem, ReadOnlySpan<int> starts, ReadOnlySpan<int> incident, Span<int> best, Span<float> gradients, CancellationToken cancellation)
    {
        ReadOnlySpan<float> features = problem.Features;
        ReadOnlySpan<Pair> pairs = problem.Pairs;
        int d = problem.Dimension;
        _design.Cancellation = cancellation;
        Span<float> v = Scratch.Of(ref _v, pairs.Length), g = Scratch.Of(ref _g, pairs.Length);
        Span<double> m = Scratch.Of(ref _m, d * d), cholesky = Scratch.Of(ref _cholesky, d * d), inverse = Scratch.Of(ref _inverse, d * d);
        Span<double> z = Scratch.Of(ref _z, features.Length);

        m.Clear();
        if (pairs.Length > 0)
        {
            _design.Variances(pairs, problem.Rewards, v);
            if (d > 0)
            {
                // The factor is not made yet: its place holds I.
                _design.Information(pairs, starts, incident, features, d, v, cholesky);
                CholeskyFactor.Add(cholesky, d, m);
            }
        }

        if (!problem.Past.IsEmpty)
        {
            CholeskyFactor.Add(problem.Past, d, m);
        }

        CholeskyFactor.AddRidge(problem.Ridge, d, m);
        CholeskyFactor.Factor(m, d, problem.Ridge, cholesky, _update);
        if (best.Length > 0)
        {
            if (d == 0)
            {
                g.Clear();
            }
            else
            {
                CholeskyFactor.Invert(cholesky, d, inverse, _update);
                _design.Whiten(features, d, inverse, z);
                _design.LogDetGradient(pairs, z, d, v, g);
            }

            _design.Top(g, best);
            for (int j = 0; j < gradients.Length; j++)
            {
                gradients[j] = g[best[j]];
            }
        }

        return CholeskyFactor.LogDeterminant(cholesky, d);
    }
}
