using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Gpu;

/// <summary>A selection on a device, with memory there that is kept.</summary>
internal sealed class GpuSelector(GpuBackend on) : DOptimalSelector(on)
{
    private readonly GpuBackend.Scratch<Pair> _pairs = new(on);
    private readonly GpuBackend.Scratch<int> _startsThere = new(on), _incidentThere = new(on);
    private readonly GpuBackend.Scratch<float> _phi = new(on), _r = new(on), _v = new(on), _g = new(on);
    private readonly GpuBackend.Scratch<double> _past = new(on);
    private readonly PackedUpload _packed = new(on);
    private readonly PageLocked _words = new(on);
    private int[] _starts = [], _incident = [];

    private protected override double SelectCore(
        in DOptimalProblem problem, Span<int> best, Span<float> gradients, CancellationToken cancellationToken)
    {
        int n = problem.Pairs.Length, responses = problem.Rewards.Length;
        long bytes = PackedUpload.Room<Pair>(n) + PackedUpload.Room<int>(responses + 1) + PackedUpload.Room<int>(2 * n)
            + PackedUpload.Room<float>(problem.Features.Length) + PackedUpload.Room<float>(responses)
            + PackedUpload.Room<double>(problem.Past.Length);
        bool packed = bytes <= PackedUpload.Most;
        DOptimalViews from = packed ? Pack(problem, bytes) : Put(problem);
        ArrayView<float> g_n = _g.Take(n);
        if (from.Dimension == 0)
        {
            g_n.MemSetToZero(on.Stream);
        }

        double logDeterminant = on.Best(from, g_n, _words, best, gradients, cancellationToken).LogDeterminant;
        // Whoever read something of what was made of them has waited for them.
        if (packed && (problem.Dimension > 0 || best.Length > 0))
        {
            _packed.Arrived();
        }

        return logDeterminant;
    }

    private protected override void Release()
    {
        foreach (IDisposable memory in (IDisposable[])[_pairs, _startsThere, _incidentThere, _phi, _r, _v, _g, _past, _packed, _words])
        {
            memory.Dispose();
        }
    }

    // Sorted where it is copied from, while the rest is on its way.
    private DOptimalViews Pack(in DOptimalProblem problem, long bytes)
    {
        int n = problem.Pairs.Length, responses = problem.Rewards.Length;
        _packed.Begin(bytes);
        problem.Features.CopyTo(_packed.Add(problem.Features.Length, out ArrayView<float> features));
        problem.Rewards.CopyTo(_packed.Add(responses, out ArrayView<float> rewards));
        problem.Past.CopyTo(_packed.Add(problem.Past.Length, out ArrayView<double> past));
        problem.Pairs.CopyTo(_packed.Add(n, out ArrayView<Pair> pairs));
        _packed.Send();
        Span<int> starts = _packed.Add(responses + 1, out ArrayView<int> startsThere);
        Span<int> incident = _packed.Add(2 * n, out ArrayView<int> incidentThere);
        PairGraph.Sort(problem.Pairs, responses, starts, incident);
        _packed.Send();
        return Views(problem, pairs, startsThere, incidentThere, features, rewards, past);
    }

    // One copy after the other, from where the caller has it.
    private DOptimalViews Put(in DOptimalProblem problem)
    {
        int n = problem.Pairs.Length, responses = problem.Rewards.Length;
        Span<int> starts = Kernels.Cpu.Scratch.Of(ref _starts, responses + 1), incident = Kernels.Cpu.Scratch.Of(ref _incident, 2 * n);
        PairGraph.Sort(problem.Pairs, responses, starts, incident);
        return Views(
            problem, Put(_pairs, problem.Pairs), Put<int>(_startsThere, starts), Put<int>(_incidentThere, incident),
            Put(_phi, problem.Features), Put(_r, problem.Rewards), Put(_past, problem.Past));
    }

    // With their weights, which are made there.
    private DOptimalViews Views(
        in DOptimalProblem problem,
        ArrayView<Pair> pairs,
        ArrayView<int> starts,
        ArrayView<int> incident,
        ArrayView<float> features,
        ArrayView<float> rewards,
        ArrayView<double> past)
    {
        ArrayView<float> v_n = _v.Take(problem.Pairs.Length);
        on.QueueVariances(problem.Pairs.Length, pairs, rewards, v_n);
        return new()
        {
            Pairs = pairs,
            Starts = starts,
            Incident = incident,
            Variances = v_n,
            Features = features,
            Past = past,
            HasPast = !problem.Past.IsEmpty,
            Ridge = problem.Ridge,
            Count = problem.Pairs.Length,
            Responses = problem.Rewards.Length,
            Dimension = problem.Dimension,
        };
    }

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
