using BenchmarkDotNet.Attributes;
using FisherKernels.Bench.Cases;
using FisherKernels.Gpu;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Bench.Micro;

/// <summary>Whole selections, the best 500 of 20,000 pairs of 5,000 responses, d = 64, features given: the allocation column is
/// what one costs in the long run.</summary>
public class Selections
{
    private const int Responses = 5_000, Width = 64, Candidates = 20_000, Batch = 500;

    private readonly int[] _best = new int[Batch];
    private readonly float[] _gradients = new float[Batch];
    private SelectionProblem _problem = null!;
    private Backend _backend = null!;
    private DOptimalSelector _selector = null!;
    private readonly Strategy _dopt = Strategy.Parse("dopt"), _padopt = Strategy.Parse("padopt");
    private PairGraph _graph = null!, _past = null!;
    private DeviceArray<float> _phi = null!, _r = null!, _v = null!, _g = null!;

    [ParamsSource(typeof(Operations), nameof(Operations.Present))]
    public BackendKind On { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _problem = SelectionProblem.Create(Responses, Width, Candidates, seed: 1);
        // In a process of its own, which did not come by the command line.
        GpuBackends.Register();
        _backend = Backend.Open(On);
        _selector = _backend.CreateSelector();
        _graph = _backend.Graph(_problem.Candidates, Responses);
        _past = _backend.Graph(_problem.Candidates.AsSpan(0, Batch), Responses);
        _phi = _backend.Upload<float>(_problem.Features.Numbers, Responses, Width);
        _r = _backend.Upload<float>(_problem.Rewards.Numbers, Responses);
        (_v, _g) = (_backend.Allocate<float>(Candidates), _backend.Allocate<float>(Candidates));
    }

    /// <summary>From a service's own memory.</summary>
    [Benchmark]
    public double BestFromHost() => _selector.Select(
        _problem.Features.Numbers, Width, _problem.Rewards.Numbers, _problem.Candidates, past: [], ridge: 1e-6, _best, _gradients);

    /// <summary>From arrays that are where the backend computes, pairs sorted by response beforehand.</summary>
    [Benchmark]
    public BestPairs BestThere()
    {
        _backend.PairVariances(_graph, _r, _v);
        return _backend.Best(_graph, _phi, _v, past_dd: null, ridge: 1e-6, _g, Batch);
    }

    /// <summary>The query of a strategy, as users ask it: the largest gradients.</summary>
    [Benchmark]
    public Learning.Batches.Batch QueryDopt() => Query(_dopt);

    /// <summary>Beside the information of 500 labelled pairs.</summary>
    [Benchmark]
    public Learning.Batches.Batch QueryPadopt() => Query(_padopt);

    private Learning.Batches.Batch Query(Strategy strategy)
    {
        using var problem = new CandidateProblem(_graph, _phi, _r) { Past = new PastComparisons(_past, _phi, _r) };
        return strategy.Select(problem, Batch);
    }

    [GlobalCleanup]
    public void Release()
    {
        foreach (IDisposable one in (IDisposable[])[_graph, _past, _phi, _r, _v, _g, _selector, _backend])
        {
            one.Dispose();
        }
    }
}
