using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace FisherKernels.Kernels.Cpu;

internal sealed partial class CpuBackend
{
    // 64 rows of a product keep their numbers near while all columns pass by.
    private const int RowBlock = 64;
    private const int NumberBlock = 8192;

    // A head has one output; up to here inner products beat panels that are mostly padding.
    private const int FewOutputs = 4;

    protected override void GatherCore(DeviceArray<float> from_RD, ReadOnlySpan<int> rows_k, DeviceArray<float> to_kD)
    {
        int columns = from_RD.Columns;
        int[] rows = rows_k.ToArray();
        Blocks.Run(Threads, Blocks.Count(rows.Length, RowBlock), (long)rows.Length * columns / 4, block =>
        {
            ReadOnlySpan<float> from = Of(from_RD);
            Span<float> to = Of(to_kD);
            for (int j = block * RowBlock; j < Math.Min(rows.Length, (block + 1) * RowBlock); j++)
            {
                from.Slice(rows[j] * columns, columns).CopyTo(to[(j * columns)..]);
            }
        });
    }

    protected override void LinearCore(
        DeviceArray<float> x_nI, DeviceArray<float> theta_OI, DeviceArray<float>? bias_O, DeviceArray<float> y_nO)
    {
        int n = x_nI.Rows, inputs = x_nI.Columns, outputs = theta_OI.Rows;
        if (outputs <= FewOutputs)
        {
            Blocks.Run(Threads, Blocks.Count(n, RowBlock), (long)n * inputs * outputs, block =>
            {
                for (int j = block * RowBlock * outputs; j < Math.Min(n, (block + 1) * RowBlock) * outputs; j++)
                {
                    Of(y_nO)[j] = (bias_O is null ? 0 : Of(bias_O)[j % outputs]) + TensorPrimitives.Dot<float>(
                        Of(x_nI).Slice(j / outputs * inputs, inputs), Of(theta_OI).Slice(j % outputs * inputs, inputs));
                }
            });
            return;
        }

        float[] packed = Pack(theta_OI, kStride: 1, jStride: inputs, inputs, outputs);
        Blocks.Run(Threads, Blocks.Count(n, RowBlock), (long)n * inputs * outputs, block =>
        {
            int first = block * RowBlock, rows = Math.Min(RowBlock, n - first);
            Span<float> y = Of(y_nO).Slice(first * outputs, rows * outputs);
            Gemm.Multiply(rows, outputs, inputs, Of(x_nI)[(first * inputs)..], inputs, 1, packed, y, outputs, add: false);
            for (int a = 0; bias_O is not null && a < rows; a++)
            {
                Span<float> row = y.Slice(a * outputs, outputs);
                TensorPrimitives.Add(row, Of(bias_O), row);
            }
        });
        ArrayPool<float>.Shared.Return(packed);
    }

    protected override void LinearBackwardCore(
        DeviceArray<float> x_nI,
        DeviceArray<float> theta_OI,
        DeviceArray<float> dy_nO,
        DeviceArray<float>? dx_nI,
        DeviceArray<float> dtheta_OI,
        DeviceArray<float>? dbias_O)
    {
        int n = x_nI.Rows, inputs = x_nI.Columns, outputs = theta_OI.Rows;
        if (dx_nI is not null && inputs > 0)
        {
            float[] packed = Pack(theta_OI, kStride: inputs, jStride: 1, outputs, inputs);
            Blocks.Run(Threads, Blocks.Count(n, RowBlock), (long)n * inputs * outputs, block =>
            {
                int first = block * RowBlock, rows = Math.Min(RowBlock, n - first);
                Gemm.Multiply(
                    rows, inputs, outputs, Of(dy_nO)[(first * outputs)..], outputs, 1, packed, Of(dx_nI)[(first * inputs)..], inputs,
                    add: false);
            });
            ArrayPool<float>.Shared.Return(packed);
        }

        if (inputs > 0)
        {
            AddProductOverRows(dy_nO, x_nI, dtheta_OI);
        }

        if (dbias_O is not null)
        {
            AddSumOverRows(dy_nO, dbias_O);
        }
    }

    // dθ += dyᵀx. The sum runs over the rows, so threads share the columns of x; where there are too few columns for that,
    // the rows are cut into parts by their number alone, and the parts' sums are added in order.
    private void AddProductOverRows(DeviceArray<float> dy_nO, DeviceArray<float> x_nI, DeviceArray<float> dtheta_OI)
    {
        int n = x_nI.Rows, inputs = x_nI.Columns, outputs = dy_nO.Columns;
        int width = 4 * Gemm.Width<float>(), strips = Blocks.Count(inputs, width);
        int partRows = Blocks.Count(Blocks.Count(n, Math.Max(1, 16 / strips)), 4 * Gemm.Depth) * 4 * Gemm.Depth;
        int parts = Blocks.Count(n, partRows), size = dtheta_OI.Length;
        float[] sums = ArrayPool<float>.Shared.Rent(parts * size);
        Blocks.Run(Threads, parts * strips, (long)n * inputs * outputs, block =>
        {
            int part = block / strips, column = block % strips * width, columns = Math.Min(width, inputs - column);
            int panels = Gemm.Panels<float>(columns), start = part * partRows, end = Math.Min(n - start, partRows) + start;
            Span<float> sum = (parts == 1 ? Of(dtheta_OI) : sums.AsSpan(part * size, size))[column..];
            float[] packed = ArrayPool<float>.Shared.Rent(panels * Gemm.Depth * Gemm.Width<float>());
            for (int first = start; first < end; first += Gemm.Depth)
            {
                int rows = Math.Min(Gemm.Depth, end - first);
                Gemm.Pack<float>(Of(x_nI)[(first * inputs + column)..], inputs, 1, rows, columns, packed);
                Gemm.Multiply<float>(
                    outputs, columns, rows, Of(dy_nO)[(first * outputs)..], 1, outputs, packed, sum, inputs,
                    add: parts == 1 || first > start);
            }

            ArrayPool<float>.Shared.Return(packed);
        });
        for (int part = 0; parts > 1 && part < parts; part++)
        {
            TensorPrimitives.Add(Of(dtheta_OI), sums.AsSpan(part * size, size), Of(dtheta_OI));
        }

        ArrayPool<float>.Shared.Return(sums);
    }

    private static void AddSumOverRows(DeviceArray<float> dy_nO, DeviceArray<float> dbias_O)
    {
        Span<double> sum = new double[dbias_O.Length];
        for (int a = 0; a < dy_nO.Rows; a++)
        {
            VectorMath.Add(Of(dy_nO).Slice(a * sum.Length, sum.Length), sum);
        }

        Span<float> dbias = Of(dbias_O);
        for (int o = 0; o < sum.Length; o++)
        {
            dbias[o] = (float)(dbias[o] + sum[o]);
        }
    }

    private float[] Pack(DeviceArray<float> b, int kStride, int jStride, int k, int n)
    {
        int width = Gemm.Width<float>();
        float[] packed = ArrayPool<float>.Shared.Rent(Gemm.Panels<float>(n) * k * width);
        Blocks.Run(Threads, Gemm.Panels<float>(n), 4L * k * n, panel => Gemm.Pack<float>(
            Of(b)[Math.Min(panel * width * jStride, b.Length)..], kStride, jStride, k, Math.Min(width, n - panel * width),
            packed.AsSpan(panel * k * width)));
        return packed;
    }

    protected override void ActivateCore(Activation activation, DeviceArray<float> x_nH, DeviceArray<float> y_nH)
    {
        if (activation == Activation.Gelu)
        {
            Map<Gelu>(x_nH, x_nH, y_nH);
        }
        else
        {
            Map<Relu>(x_nH, x_nH, y_nH);
        }
    }

    protected override void ActivateBackwardCore(
        Activation activation, DeviceArray<float> x_nH, DeviceArray<float> dy_nH, DeviceArray<float> dx_nH)
    {
        if (activation == Activation.Gelu)
        {
            Map<GeluBackward>(x_nH, dy_nH, dx_nH);
        }
        else
        {
            Map<ReluBackward>(x_nH, dy_nH, dx_nH);
        }
    }

    protected override void BradleyTerryCore(
        PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> h_n, DeviceArray<float> loss_n, DeviceArray<float> dr_R)
    {
        int n = graph.Count;
        double[] slope_n = ArrayPool<double>.Shared.Rent(n);
        Blocks.Run(Threads, Blocks.Count(n, PairBlock), 40L * n, block =>
        {
            int first = block * PairBlock, count = Math.Min(PairBlock, n - first);
            Losses(
                Of(graph.Pairs).Slice(first, count), Of(r_R), Of(h_n).Slice(first, count), Of(loss_n).Slice(first, count),
                slope_n.AsSpan(first, count));
        });
        Blocks.Run(Threads, Blocks.Count(graph.Responses, ResponseBlock), 4L * n, block =>
        {
            ReadOnlySpan<Pair> pairs = Of(graph.Pairs);
            ReadOnlySpan<int> starts = Of(graph.Starts), incident = Of(graph.Incident);
            Span<float> dr = Of(dr_R);
            int first = block * ResponseBlock, count = Math.Min(ResponseBlock, graph.Responses - first);
            for (int a = first; a < first + count; a++)
            {
                double sum = 0;
                foreach (int i in incident[starts[a]..starts[a + 1]])
                {
                    sum += pairs[i].First == a ? slope_n[i] : -slope_n[i];
                }

                dr[a] = (float)(sum / n);
            }
        });
        ArrayPool<double>.Shared.Return(slope_n);
    }

    // In float64, four pairs at a time. ∂loss/∂x = (1 − h)σ(x) − hσ(−x) keeps its digits where p − h has none left.
    private static void Losses(
        ReadOnlySpan<Pair> pairs, ReadOnlySpan<float> r, ReadOnlySpan<float> h, Span<float> loss, Span<double> slope)
    {
        Span<double> four = stackalloc double[8];
        four.Clear();
        for (int first = 0; first < pairs.Length; first += 4)
        {
            int count = Math.Min(4, pairs.Length - first);
            for (int i = 0; i < count; i++)
            {
                (int a, int b) = (pairs[first + i].First, pairs[first + i].Second);
                four[i] = (double)r[a] - r[b];
                four[4 + i] = h[first + i];
            }

            Vector256<double> x = Vector256.Create<double>(four), won = Vector256.Create<double>(four[4..]),
                lost = Vector256<double>.One - won;
            Vector256<double> t = Vector256.Exp(-Vector256.Abs(x)), larger = Vector256<double>.One / (Vector256<double>.One + t),
                smaller = t * larger;
            Vector256<double> ahead = Vector256.GreaterThanOrEqual(x, Vector256<double>.Zero);
            (lost * Vector256.ConditionalSelect(ahead, larger, smaller) - won * Vector256.ConditionalSelect(ahead, smaller, larger))
                .CopyTo(four[4..]);
            four.Slice(4, count).CopyTo(slope[first..]);
            (lost * Vector256.Max(x, Vector256<double>.Zero) + won * Vector256.Max(-x, Vector256<double>.Zero) + VectorMath.LogOfOnePlus(t))
                .CopyTo(four);
            for (int i = 0; i < count; i++)
            {
                loss[first + i] = (float)four[i];
            }
        }
    }

    protected override void AdamCore(
        DeviceArray<float> theta_P, DeviceArray<float> dtheta_P, DeviceArray<float> m_P, DeviceArray<float> s_P, AdamStep step) =>
        Blocks.Run(Threads, Blocks.Count(theta_P.Length, NumberBlock), 4L * theta_P.Length, block =>
        {
            int first = block * NumberBlock, count = Math.Min(NumberBlock, theta_P.Length - first);
            Descend(
                Of(theta_P).Slice(first, count), Of(dtheta_P).Slice(first, count), Of(m_P).Slice(first, count), Of(s_P)
                    .Slice(first, count), step);
        });

    private static void Descend(Span<float> theta, ReadOnlySpan<float> dtheta, Span<float> m, Span<float> s, AdamStep step)
    {
        float correction1 = step.Correction1, correction2 = step.Correction2, decay = step.LearningRate * step.WeightDecay;
        int j = 0;
        for (; j <= theta.Length - Vector256<float>.Count; j += Vector256<float>.Count)
        {
            Vector256<float> g = Vector256.Create(dtheta[j..]), old = Vector256.Create<float>(theta[j..]);
            Vector256<float> first = step.Beta1 * Vector256.Create<float>(m[j..]) + (1 - step.Beta1) * g;
            Vector256<float> second = step.Beta2 * Vector256.Create<float>(s[j..]) + (1 - step.Beta2) * g * g;
            first.CopyTo(m[j..]);
            second.CopyTo(s[j..]);
            Vector256<float> move = step.LearningRate * (first * correction1)
                / (Vector256.Sqrt(second * correction2) + Vector256.Create(step.Epsilon));
            (old - (decay * old + move)).CopyTo(theta[j..]);
        }

        for (; j < theta.Length; j++)
        {
            m[j] = step.Beta1 * m[j] + (1 - step.Beta1) * dtheta[j];
            s[j] = step.Beta2 * s[j] + (1 - step.Beta2) * dtheta[j] * dtheta[j];
            theta[j] -= decay * theta[j] + step.LearningRate * (m[j] * correction1) / (MathF.Sqrt(s[j] * correction2) + step.Epsilon);
        }
    }

    private void Map<TMap>(DeviceArray<float> x, DeviceArray<float> dy, DeviceArray<float> to)
        where TMap : VectorMath.IMap =>
        Blocks.Run(Threads, Blocks.Count(x.Length, NumberBlock), 10L * x.Length, block =>
        {
            int first = block * NumberBlock, count = Math.Min(NumberBlock, x.Length - first);
            VectorMath.Map<TMap>(Of(x).Slice(first, count), Of(dy).Slice(first, count), Of(to).Slice(first, count));
        });
}
