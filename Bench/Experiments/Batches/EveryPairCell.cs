using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Design;

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
        string name, DeviceArray<float> features, DeviceArray<float> rewards, int count, BatchMeasurement measurement, CancellationToken cancellation)
    {
        var effort = new SearchEffort(Cancellation: cancellation);
        ((Certificate proven, int passes, bool isOptimum), double[] ms) = measurement.Timed(
            () => name switch
            {
                "top" => (EveryPairBatches.CertificateOf(EveryPairDesign.Choose(features, rewards, [], count, PoolSize.Ridge).Pairs, features, rewards, [], PoolSize.Ridge)!, 1, false),
                "greedy" => Of(EveryPairBatches.Greedy(features, rewards, [], count, PoolSize.Ridge, effort)),
                _ => Of(EveryPairBatches.Exchange(features, rewards, [], count, PoolSize.Ridge, effort)),
            },
            cancellation);
        return new EveryPairCell(name, count, features.Rows, ms, proven.LogDet, proven.Efficiency, passes, isOptimum);

        static (Certificate, int, bool) Of(EveryPairBatch batch) => (batch.Certificate!, batch.Passes, batch.IsLocalOptimum);
    }
}
