using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>A batch chosen from every pair of the responses, none of them listed, with nothing labelled.</summary>
/// <param name="Name">top, greedy or exchange.</param>
/// <param name="Count">c.</param>
/// <param name="Responses">R: there are R(R − 1)/2 pairs.</param>
/// <param name="Milliseconds">Of choosing and certifying, each repetition.</param>
/// <param name="LogDet">log det M, in nats.</param>
/// <param name="Efficiency">D-efficiency that the batch's own gradient proves beside all batches of its size.</param>
/// <param name="Passes">How often all pairs were gone through.</param>
/// <param name="IsLocalOptimum">Whether it is proven that no exchange with any other pair helps.</param>
internal sealed record EveryPairCell(
    string Name, int Count, int Responses, double[] Milliseconds, double LogDet, double Efficiency, int Passes, bool IsLocalOptimum)
{
    /// <summary>Ways to choose.</summary>
    public static IReadOnlyList<string> Names { get; } = ["top", "greedy", "exchange"];

    /// <summary>Measures one of them.</summary>
    /// <param name="name">Of <see cref="Names"/>.</param>
    /// <param name="features">Φ [R, d].</param>
    /// <param name="rewards">r [R].</param>
    /// <param name="count">c.</param>
    /// <param name="measurement">How.</param>
    /// <param name="cancellation">Looked at between repetitions.</param>
    public static EveryPairCell Measure(
        string name, DeviceArray<float> features, DeviceArray<float> rewards, int count, BatchMeasurement measurement,
            CancellationToken cancellation)
    {
        Strategy strategy = Strategy.Parse(name == "top" ? "padopt" : $"padopt+{name}");
        var request = new BatchRequest(count) { Effort = new SearchEffort(CancellationToken: cancellation) };
        (Batch batch, double[] ms) = measurement.Timed(
            () =>
            {
                using CandidateProblem problem = CandidateProblem.ForEveryPair(features, rewards, ridge: PoolSize.Ridge);
                return strategy.Certify(problem, strategy.Select(problem, request), request);
            },
            cancellation);
        Certificate proven = batch.Certificate!;
        return new EveryPairCell(
            name, count, features.Rows, ms, proven.LogDet, proven.Efficiency, name == "top" ? 1 : batch.Passes, batch.IsLocalOptimum);
    }
}
