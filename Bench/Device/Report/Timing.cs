using System.Diagnostics;
using FisherKernels.Bench.Peers;

namespace FisherKernels.Bench.Report;

/// <summary>What one piece of work takes by itself.</summary>
/// <param name="Milliseconds">In the order of the repetitions.</param>
/// <param name="Bytes">Allocated on the managed heap a repetition, all threads.</param>
internal sealed record Timing(double[] Milliseconds, double Bytes)
{
    // Code is compiled anew after thirty calls, in the background and a tenth of a second late: short work too has to be done for so
    // long, however often that is. And a machine that has rested is slower at first.
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(500);

    /// <summary>Warms up, then repeats.</summary>
    /// <param name="work">Ends when the device has.</param>
    /// <param name="repetitions">≥ 1.</param>
    /// <param name="cancellation">Looked at between repetitions.</param>
    public static Timing Measure(Action work, int repetitions, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        for (int j = 0; j < 3 || clock.Elapsed < WarmUp; j++)
        {
            cancellation.ThrowIfCancellationRequested();
            work();
        }

        var milliseconds = new double[repetitions];
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int j = 0; j < repetitions; j++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            work();
            milliseconds[j] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return new Timing(milliseconds, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)repetitions);
    }

    /// <summary>The q-th quantile, milliseconds.</summary>
    public double Quantile(double q) => PairedTiming.Quantile(Milliseconds, q);
}
