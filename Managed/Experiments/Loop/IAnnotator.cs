using FisherKernels.Kernels;
using FisherKernels.Learning;

namespace FisherKernels.Experiments.Loop;

/// <summary>Who compares: people behind a page, a file of recorded labels, a golden reward.</summary>
public interface IAnnotator
{
    /// <summary>An answer for each pair, in the same order.</summary>
    ValueTask<IReadOnlyList<Comparison>> CompareAsync(IReadOnlyList<Pair> pairs, CancellationToken cancellationToken = default);
}
