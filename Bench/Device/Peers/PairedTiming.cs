using System.Diagnostics;

namespace FisherKernels.Bench.Peers;

/// <summary>Two pieces of work timed in turn, A B A B …, each after its own warm-up, so that a machine that changes its speed
/// changes it for both.</summary>
/// <param name="Own">Milliseconds of ours, in the order of the repetitions.</param>
/// <param name="Peer">Of the peer, the same repetitions.</param>
internal sealed record PairedTiming(double[] Own, double[] Peer)
{
    /// <summary>Runs both a few times unmeasured, then in turn.</summary>
    /// <param name="own">Ours, once; milliseconds.</param>
    /// <param name="peer">The peer's, the same.</param>
    /// <param name="repetitions">At least 1.</param>
    /// <param name="cancellation">Looked at between repetitions.</param>
    public static PairedTiming Measure(Func<double> own, Func<double> peer, int repetitions, CancellationToken cancellation)
    {
        // Enough for code that is compiled anew after thirty calls.
        Warm(own);
        Warm(peer);
        double[] ours = new double[repetitions], theirs = new double[repetitions];
        for (int j = 0; j < repetitions; j++)
        {
            cancellation.ThrowIfCancellationRequested();

            ours[j] = Settled(own);
            theirs[j] = Settled(peer);
        }

        return new PairedTiming(ours, theirs);

        void Warm(Func<double> work)
        {
            var clock = Stopwatch.StartNew();
            for (int j = 0; j < 3 || (j < 60 && clock.ElapsedMilliseconds < 1500); j++)
            {
                cancellation.ThrowIfCancellationRequested();
                work();
            }
        }
    }

    /// <summary>Peer over own, repetition by repetition: above 1 where ours is faster. Median, and the 5th and 95th percentile.</summary>
    public (double Median, double Low, double High) Ratio
    {
        get
        {
            double[] ratios = [.. Own.Zip(Peer, (own, peer) => peer / own)];
            return (Quantile(ratios, 0.5), Quantile(ratios, 0.05), Quantile(ratios, 0.95));
        }
    }

    /// <summary>The q-th quantile, straight between the two numbers that it falls between.</summary>
    public static double Quantile(IReadOnlyCollection<double> numbers, double q)
    {
        double[] sorted = [.. numbers.Order()];
        double place = q * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]) : sorted[^1];
    }

    /// <summary>Work of this process by the clock.</summary>
    public static Func<double> Clocked(Action work) => () =>
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    };

    // Threads of the other side go on looking for work for up to 200 ms (OpenMP's), and its data fill the caches: the work is
    // done unmeasured until that has passed.
    private static double Settled(Func<double> work)
    {
        var clock = Stopwatch.StartNew();
        do
        {
            work();
        }
        while (clock.ElapsedMilliseconds < 220);

        return work();
    }
}
