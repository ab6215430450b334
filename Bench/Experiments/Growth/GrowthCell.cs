using FisherKernels.Bench.Peers;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>One size on so many threads, measured or not.</summary>
/// <param name="Sweep">Name of the sweep.</param>
/// <param name="Threads">Threads of the backend.</param>
/// <param name="Pairs">n.</param>
/// <param name="Responses">R.</param>
/// <param name="Width">d.</param>
/// <param name="Milliseconds">Of every repetition after warm-up; empty where it is not measured.</param>
/// <param name="FirstMilliseconds">Of the first run of a new backend, which takes its memory from the system.</param>
/// <param name="Megabytes">How far that run raised the resident memory, in 10⁶ bytes; null where the system does not say.</param>
/// <param name="NotMeasured">Why not; null where it is.</param>
internal sealed record GrowthCell(
    string Sweep, int Threads, int Pairs, int Responses, int Width, double[] Milliseconds, double? FirstMilliseconds, double? Megabytes,
        string? NotMeasured)
{
    /// <summary>Median of the repetitions, in milliseconds.</summary>
    public double? Median => NotMeasured is null ? PairedTiming.Quantile(Milliseconds, 0.5) : null;

    /// <summary>Of the median, in 10⁻⁹ s.</summary>
    public double? NanosecondsPerPair => Median * 1e6 / Pairs;

    /// <summary>n, R and d.</summary>
    public GrowthSize Size() => new(Pairs, Responses, Width);

    /// <summary>Whether it is the cell of that place.</summary>
    public bool Is(string sweep, GrowthSize size, int threads) => Sweep == sweep && Size() == size && Threads == threads;
}
