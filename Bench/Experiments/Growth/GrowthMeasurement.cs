using System.Diagnostics;
using System.Runtime;
using FisherKernels.Bench.Peers;
using FisherKernels.Kernels;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>Time and memory of one selection: the best 500 pairs in order, past-aware, from features and rewards, the pairs' graph
/// included.</summary>
/// <param name="repetitions">At most; at least <see cref="Fewest"/>.</param>
/// <param name="limit">Longest that all runs of a cell together may take.</param>
internal sealed class GrowthMeasurement(int repetitions, TimeSpan limit)
{
    /// <summary>Repetitions below which a cell is not measured.</summary>
    public const int Fewest = 5;

    private const int Batch = 500;
    private const double Ridge = 1e-6;

    // Once that long has been measured, Fewest are enough; warm-up, for code that is compiled anew and processors that change their speed.
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(2), WarmUp = TimeSpan.FromSeconds(0.4);

    /// <summary>Lets the code be compiled, so that the first cell is like the others.</summary>
    public static void Compile(int threads, CancellationToken cancellation)
    {
        var data = new GrowthData(new GrowthSize(4_000, 2_000, 64), 0);
        using Backend on = Backend.Open(BackendKind.Cpu, threads);
        using var there = new DataThere(on, data, 2_000, 64);
        var clock = Stopwatch.StartNew();
        for (int j = 0; j < 60 || clock.Elapsed < WarmUp; j++)
        {
            there.Select(cancellation);
        }
    }

    /// <summary>Measures a cell; a selection that takes too long is a cell that is not measured.</summary>
    public GrowthCell Run(string sweep, GrowthSize size, int threads, GrowthData data, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limit);
        try
        {
            return Run(sweep, size, threads, data, patience.Token, cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Not(sweep, size, threads,
                FormattableString.Invariant($"{Fewest} repetitions take longer than {limit.TotalSeconds:F0} s"));
        }
    }

    /// <summary>A cell that is named and not measured.</summary>
    public static GrowthCell Not(string sweep, GrowthSize size, int threads, string why) =>
        new(sweep, threads, size.Pairs, size.Responses, size.Width, [], null, null, why);

    private GrowthCell Run(string sweep, GrowthSize size, int threads, GrowthData data, CancellationToken patience, CancellationToken user)
    {
        // What earlier selections left goes back to the system: memory that is still there would not be counted.
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        long begun = Stopwatch.GetTimestamp();
        using Backend on = Backend.Open(BackendKind.Cpu, threads);
        using var there = new DataThere(on, data, size.Responses, size.Width);
        double first = 0;
        double? megabytes = PeakMemory.Of(() => first = Timed());

        for (var clock = Stopwatch.StartNew(); clock.Elapsed < WarmUp;)
        {
            Timed();
        }

        var times = new List<double>();
        for (var clock = Stopwatch.StartNew(); times.Count < Fewest || (times.Count < repetitions && clock.Elapsed < Enough);)
        {
            user.ThrowIfCancellationRequested();
            times.Add(Timed());
        }

        return new GrowthCell(sweep, threads, size.Pairs, size.Responses, size.Width, [.. times], first, megabytes, null);

        double Timed()
        {
            long start = Stopwatch.GetTimestamp();
            there.Select(patience);
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

            // The timer that ends a long selection may itself come late where all threads are busy.
            return Stopwatch.GetElapsedTime(begun) <= limit ? milliseconds : throw new OperationCanceledException(patience);
        }
    }

    // Features, rewards and past where the backend computes; weights, gradients and the pairs' graph belong to the selection.
    private sealed class DataThere(Backend on, GrowthData data, int responses, int d) : IDisposable
    {
        private readonly DeviceArray<float> _phi = on.Upload<float>(data.Features, responses, d);
        private readonly DeviceArray<float> _r = on.Upload<float>(data.Rewards, responses);
        private readonly DeviceArray<double> _past = on.Upload<double>(data.Past, d, d);
        private DeviceArray<float>? _v, _g;

        public void Select(CancellationToken cancellationToken)
        {
            int n = data.Pairs.Length;
            using PairGraph graph = on.Graph(data.Pairs, responses);
            on.PairVariances(graph, _r, _v ??= on.Allocate<float>(n));
            on.Best(graph, _phi, _v, _past, Ridge, _g ??= on.Allocate<float>(n), Math.Min(Batch, n), cancellationToken);
        }

        public void Dispose()
        {
            foreach (IDisposable? one in (IDisposable?[])[_phi, _r, _past, _v, _g])
            {
                one?.Dispose();
            }
        }
    }
}
