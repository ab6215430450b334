using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Kernels.Gpu;

/// <summary>A selection on a device, with memory there that is kept.</summary>
internal sealed class GpuSelector(GpuBackend on) : DOptimalSelector(on)
{
    private readonly GpuBackend.Scratch<Pair> _pairs = new(on);
    private readonly GpuBackend.Scratch<int> _startsThere = new(on), _incidentThere = new(on);
    private readonly GpuBackend.Scratch<float> _phi = new(on), _r = new(on);
    private readonly GpuBackend.Scratch<double> _past = new(on);
    private int[] _starts = [], _incident = [];
    private ulong[] _words = [];

    private protected override double SelectCore(in DOptimalProblem problem, Span<int> best, Span<float> gradients, CancellationToken cancellation)
    {
        int n = problem.Pairs.Length, responses = problem.Rewards.Length;
        Span<int> starts = Cpu.Scratch.Of(ref _starts, responses + 1), incident = Cpu.Scratch.Of(ref _incident, 2 * n);
        PairGraph.Sort(problem.Pairs, responses, starts, incident);
        var from = new DOptimalViews
        {
            Pairs = Put(_pairs, problem.Pairs),
            Starts = Put<int>(_startsThere, starts),
            Incident = Put<int>(_incidentThere, incident),
            Features = Put(_phi, problem.Features),
            Rewards = Put(_r, problem.Rewards),
            Past = Put(_past, problem.Past),
            HasPast = !problem.Past.IsEmpty,
            Ridge = problem.Ridge,
            Count = n,
            Responses = responses,
            Dimension = problem.Dimension,
        };
        return on.Select(from, ref _words, best, gradients, cancellation);
    }

    private protected override double SelectCore(in DOptimalArrays problem, Span<int> best, Span<float> gradients, CancellationToken cancellation)
    {
        var from = new DOptimalViews
        {
            Pairs = Of(problem.Candidates.Pairs),
            Starts = Of(problem.Candidates.Starts),
            Incident = Of(problem.Candidates.Incident),
            Features = Of(problem.Features),
            Rewards = Of(problem.Rewards),
            Past = problem.Past is { } past ? Of(past) : _past.Take(1),
            HasPast = problem.Past is { Length: > 0 },
            Ridge = problem.Ridge,
            Count = problem.Candidates.Count,
            Responses = problem.Candidates.Responses,
            Dimension = problem.Features.Columns,
        };
        return on.Select(from, ref _words, best, gradients, cancellation);
    }

    private protected override void Release()
    {
        foreach (IDisposable memory in (IDisposable[])[_pairs, _startsThere, _incidentThere, _phi, _r, _past])
        {
            memory.Dispose();
        }
    }

    private static ArrayView<T> Of<T>(DeviceArray<T> array)
        where T : unmanaged => ((GpuArray<T>)array).Numbers;

    private ArrayView<T> Put<T>(GpuBackend.Scratch<T> memory, ReadOnlySpan<T> numbers)
        where T : unmanaged
    {
        ArrayView<T> there = memory.Take(numbers.Length);
        if (numbers.Length > 0)
        {
            there.CopyFromCPU(on.Stream, numbers);
        }

        return there;
    }
}
