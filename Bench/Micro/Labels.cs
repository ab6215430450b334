using BenchmarkDotNet.Attributes;
using FisherKernels.Bench.Cases;
using FisherKernels.Bench.Live;
using FisherKernels.Learning.Design;

namespace FisherKernels.Bench.Micro;

/// <summary>One label after the other on the host: the allocation column is what one costs in the long run.</summary>
public class Labels
{
    private SelectionProblem _problem = null!;
    private SequentialDesign _design = null!;

    [GlobalSetup]
    public void Prepare() => _problem = LiveSettings.Usual.Draw();

    // Labels cannot be taken back: each run of them has a design of its own, which is made outside of what is measured.
    [IterationSetup]
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
}
