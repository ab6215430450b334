using BenchmarkDotNet.Attributes;
using FisherKernels.Bench.Cases;
using FisherKernels.Bench.Live;
using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Bench.Micro;

/// <summary>Whole selections on the CPU from what a service has in its memory: the allocation column is what one costs in the long run.</summary>
public class Selections
{
    private const int Responses = 5_000, Width = 64, Candidates = 20_000, Batch = 500;

    private readonly int[] _best = new int[Batch];
    private readonly float[] _gradients = new float[Batch];
    private SelectionProblem _problem = null!;
    private Backend _backend = null!;
    private DOptimalSelector _selector = null!;
    private SequentialDesign _design = null!;

    [GlobalSetup(Target = nameof(BestOfCandidates))]
    public void PrepareSelector()
    {
        _problem = SelectionProblem.Create(Responses, Width, Candidates, seed: 1);
        _backend = Backend.Open(BackendKind.Cpu);
        _selector = _backend.CreateSelector();
    }

    /// <summary>The best 500 of 20,000 pairs of 5,000 responses, d = 64, features given.</summary>
    [Benchmark]
    public double BestOfCandidates() => _selector.Select(
        _problem.Features.Numbers, Width, _problem.Rewards.Numbers, _problem.Candidates, past: [], ridge: 1e-6, _best, _gradients);

    [GlobalSetup(Target = nameof(OneLabel))]
    public void PrepareProblem() => _problem = LiveSettings.Usual.Draw();

    // Labels cannot be taken back: each run of them has a design of its own, which is made outside of what is measured.
    [IterationSetup(Target = nameof(OneLabel))]
    public void BeginAnew() => _design = LiveSettings.Usual.Open(_problem);

    /// <summary>A label comes in, all of 22,500 candidates are scored anew, and the next pair is named; the mean of 10,000.</summary>
    [Benchmark(OperationsPerInvoke = LiveSettings.UsualLabels)]
    public void OneLabel()
    {
        for (int label = 0; label < LiveSettings.UsualLabels; label++)
        {
            _design.Teach(_design.Query()!.Value.Candidate);
        }
    }

    [GlobalCleanup]
    public void Release()
    {
        _selector?.Dispose();
        _backend?.Dispose();
    }
}
