using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Cpu;

namespace FisherKernels.Learning.Clustering;

/// <summary>Sums of the points of each cluster, over responses: Σ_i s_i (φ_a − φ_b) = Σ_a w_ak φ_a, w_ak how often response a stands first in cluster k, less how often second.</summary>
/// <remarks>
/// A product of K·R·d in place of n·d additions in memory. The weights of a cluster add up to 0, so any reference can be taken from φ: with the mean,
/// what all responses have in common cancels before it can round. Parts are cut by the shape alone, and put together in their order.
/// </remarks>
internal static class ClusterSums
{
    private const int MostParts = 16;

    /// <summary>Writes them.</summary>
    /// <param name="pairs">n.</param>
    /// <param name="scales">s [n], or one for all.</param>
    /// <param name="scaleStep">1, or 0 where there is one for all.</param>
    /// <param name="labels">[n], from 0 to K − 1.</param>
    /// <param name="phi">Φ [R, d].</param>
    /// <param name="middles">φ̄ [d].</param>
    /// <param name="sums">[K, d], out.</param>
    /// <param name="threads">Who shares the work.</param>
    public static void Of(
        ReadOnlySpan<Pair> pairs, ReadOnlySpan<double> scales, int scaleStep, ReadOnlySpan<int> labels, ReadOnlyMemory<float> phi, ReadOnlyMemory<double> middles,
        Span<double> sums, HostThreads threads)
    {
        int d = middles.Length, responses = phi.Length / d, clusters = sums.Length / d, size = sums.Length;
        int blocks = (responses + Gemm.Depth - 1) / Gemm.Depth, parts = Math.Min(MostParts, blocks);
        using Rented<double> weights = new(responses * clusters), products = new(parts * size);
        Span<double> w = weights.Span;
        w.Clear();
        for (int i = 0; i < pairs.Length; i++)
        {
            double scale = scales[i * scaleStep];
            w[pairs[i].First * clusters + labels[i]] += scale;
            w[pairs[i].Second * clusters + labels[i]] -= scale;
        }

        products.Span.Clear();
        threads.Share(parts, 1, (int)Math.Min((long)size * Gemm.Depth * (blocks / parts), int.MaxValue), (part, _) =>
        {
            using Rented<double> rows = new(Gemm.Depth * d), packed = new(Gemm.Panels<double>(d) * Gemm.Width<double>() * Gemm.Depth);
            for (int block = part; block < blocks; block += parts)
            {
                int first = block * Gemm.Depth, count = Math.Min(Gemm.Depth, responses - first);
                TensorPrimitives.ConvertTruncating(phi.Span.Slice(first * d, count * d), rows.Span);
                for (int a = 0; a < count; a++)
                {
                    Span<double> row = rows.Span.Slice(a * d, d);
                    TensorPrimitives.Subtract(row, middles.Span, row);
                }

                Gemm.Pack<double>(rows.Span, d, 1, count, d, packed.Span);
                Gemm.Multiply<double>(clusters, d, count, weights.Span[(first * clusters)..], 1, clusters, packed.Span, products.Span.Slice(part * size, size), d, add: true);
            }
        });
        sums.Clear();
        for (int part = 0; part < parts; part++)
        {
            TensorPrimitives.Add(sums, products.Span.Slice(part * size, size), sums);
        }
    }
}
