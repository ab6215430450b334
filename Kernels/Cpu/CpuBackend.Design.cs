using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace FisherKernels.Kernels.Cpu;

internal sealed partial class CpuBackend
{
    // Blocks of pairs and responses: some microseconds each.
    private const int PairBlock = 1024;
    private const int ResponseBlock = Gemm.Depth;

    private protected override void PairVariancesCore(PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> v_n) =>
        Blocks.Run(Threads, Blocks.Count(graph.Count, PairBlock), 10L * graph.Count, block =>
        {
            int first = block * PairBlock, count = Math.Min(PairBlock, graph.Count - first);
            ReadOnlySpan<Pair> pairs = Of(graph.Pairs).Slice(first, count);
            ReadOnlySpan<float> r = Of(r_R);
            Span<float> v = Of(v_n).Slice(first, count);
            for (int i = 0; i < count; i++)
            {
                v[i] = r[pairs[i].First] - r[pairs[i].Second];
            }

            VectorMath.Map<Variance>(v, v, v);
        });

    // Row blocks of ΛΦ are gathered and multiplied at once, so that ΛΦ is never whole. A part of the responses sums into a
    // matrix of its own; the parts depend on R and d alone, and are added in order.
    private protected override void InformationCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, DeviceArray<double> fisher_dd)
    {
        int responses = phi_Rd.Rows, d = phi_Rd.Columns, size = d * d;
        int mostParts = Math.Clamp((1 << 25) / size, 1, 16);
        int partRows = Blocks.Count(Blocks.Count(responses, mostParts), ResponseBlock) * ResponseBlock, parts = Blocks.Count(responses, partRows);
        double[] sums = ArrayPool<double>.Shared.Rent(parts * size);
        Blocks.Run(Threads, parts, 2L * graph.Count * d + (long)responses * size / 2, part =>
        {
            int start = part * partRows, end = start + Math.Min(responses - start, partRows);
            double[] flow = ArrayPool<double>.Shared.Rent(ResponseBlock * d), phi = ArrayPool<double>.Shared.Rent(ResponseBlock * d);
            double[] packed = ArrayPool<double>.Shared.Rent(Gemm.Panels<double>(d) * ResponseBlock * Gemm.Width<double>());
            for (int first = start; first < end; first += ResponseBlock)
            {
                int rows = Math.Min(ResponseBlock, end - first);
                GatherFlow(graph, phi_Rd, v_n, first, flow.AsSpan(0, rows * d));
                TensorPrimitives.ConvertTruncating<float, double>(Of(phi_Rd).Slice(first * d, rows * d), phi);
                Gemm.Pack<double>(flow, d, 1, rows, d, packed);
                Gemm.Multiply<double>(
                    d, d, rows, phi, 1, d, packed, sums.AsSpan(part * size, size), d, add: first > start, Gemm.Part.LowerResult);
            }

            ArrayPool<double>.Shared.Return(flow);
            ArrayPool<double>.Shared.Return(phi);
            ArrayPool<double>.Shared.Return(packed);
        });

        Span<double> fisher = Of(fisher_dd);
        for (int j = 0; j < d; j++)
        {
            Span<double> row = fisher.Slice(j * d, j + 1);
            sums.AsSpan(j * d, j + 1).CopyTo(row);
            for (int part = 1; part < parts; part++)
            {
                TensorPrimitives.Add(row, sums.AsSpan(part * size + j * d, j + 1), row);
            }

            for (int k = 0; k < j; k++)
            {
                fisher[k * d + j] = row[k];
            }
        }

        ArrayPool<double>.Shared.Return(sums);
    }

    // Rows of ΛΦ: Σ v (φ_a − φ_b) over the pairs of response a, in the order of their numbers.
    private static void GatherFlow(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, int firstResponse, Span<double> flow)
    {
        ReadOnlySpan<float> phi = Of(phi_Rd), v = Of(v_n);
        ReadOnlySpan<Pair> pairs = Of(graph.Pairs);
        ReadOnlySpan<int> starts = Of(graph.Starts), incident = Of(graph.Incident);
        int d = phi_Rd.Columns;
        flow.Clear();
        for (int j = 0; j < flow.Length; j += d)
        {
            int a = firstResponse + j / d;
            foreach (int i in incident[starts[a]..starts[a + 1]])
            {
                int b = pairs[i].First == a ? pairs[i].Second : pairs[i].First;
                VectorMath.AddDifference(v[i], phi.Slice(a * d, d), phi.Slice(b * d, d), flow.Slice(j, d));
            }
        }
    }

    private protected override void WhitenCore(DeviceArray<float> phi_Rd, DeviceArray<double> inverse_dd, DeviceArray<double> z_Rd)
    {
        int responses = phi_Rd.Rows, d = phi_Rd.Columns;
        double[] packed = ArrayPool<double>.Shared.Rent(Gemm.Panels<double>(d) * d * Gemm.Width<double>());
        Gemm.Pack<double>(Of(inverse_dd), 1, d, d, d, packed, Gemm.Part.UpperFactor);
        Blocks.Run(Threads, Blocks.Count(responses, RowBlock), (long)responses * d * d / 2, block =>
        {
            int first = block * RowBlock, rows = Math.Min(RowBlock, responses - first);
            double[] phi = ArrayPool<double>.Shared.Rent(rows * d);
            TensorPrimitives.ConvertTruncating<float, double>(Of(phi_Rd).Slice(first * d, rows * d), phi);
            Gemm.Multiply<double>(
                rows, d, d, phi, d, 1, packed, Of(z_Rd).Slice(first * d, rows * d), d, add: false, Gemm.Part.UpperFactor);
            ArrayPool<double>.Shared.Return(phi);
        });
        ArrayPool<double>.Shared.Return(packed);
    }

    private protected override void LogDetGradientCore(
        PairGraph graph, DeviceArray<double> z_Rd, DeviceArray<float> v_n, DeviceArray<float> g_n) =>
        Blocks.Run(Threads, Blocks.Count(graph.Count, PairBlock), (long)graph.Count * z_Rd.Columns, block =>
        {
            ReadOnlySpan<double> z = Of(z_Rd);
            ReadOnlySpan<float> v = Of(v_n);
            ReadOnlySpan<Pair> pairs = Of(graph.Pairs);
            Span<float> g = Of(g_n);
            int d = z_Rd.Columns, first = block * PairBlock, count = Math.Min(PairBlock, graph.Count - first);
            for (int i = first; i < first + count; i++)
            {
                g[i] = (float)(v[i] * VectorMath.Distance2(z.Slice(pairs[i].First * d, d), z.Slice(pairs[i].Second * d, d)));
            }
        });

    // Keys better than the k-th best so far are collected; whenever 2k are there, the better half is kept: O(n log k) at worst.
    // Complemented, so that the plain ascending sort puts the best first.
    private protected override int[] TopCore(DeviceArray<float> score_n, int k)
    {
        ReadOnlySpan<float> score = Of(score_n);
        Span<ulong> best = new ulong[(int)Math.Min(Math.Max(2L * k, 1024), score.Length)];
        ulong threshold = ulong.MaxValue;
        int count = 0;
        for (int i = 0; i < score.Length; i++)
        {
            ulong key = ~TopKey.Of(score[i], i);
            if (key <= threshold)
            {
                if (count == best.Length)
                {
                    best.Sort();
                    count = k;
                    threshold = best[k - 1];
                }

                if (key <= threshold)
                {
                    best[count++] = key;
                }
            }
        }

        best[..count].Sort();
        var top = new int[k];
        for (int j = 0; j < k; j++)
        {
            top[j] = TopKey.Number(~best[j]);
        }

        return top;
    }

    private readonly struct Variance : VectorMath.IMap
    {
        public static Vector256<float> Of(Vector256<float> x, Vector256<float> dy) => VectorMath.Variance(x);
    }
}
