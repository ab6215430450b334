using FisherKernels.Kernels.Device;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Kernels.Gpu;

internal sealed partial class GpuBackend
{
    private readonly Scratch<double> _greedy;
    private readonly Scratch<int> _greedyCounts;
    private readonly Scratch<float> _greedyCosts;

    private Action<Index1D, ArrayView<Pair>, ArrayView<double>, ArrayView<float>, ArrayView<double>, int> GreedyStart => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<Pair>, ArrayView<double>, ArrayView<float>, ArrayView<double>, int>(
            GreedyStartKernel.Run, _group);

    private Action<KernelConfig, ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<double>, GreedyLimits, ArrayView<double>, ArrayView<double>, ArrayView<int>, int> GreedyBest => field ??=
        _accelerator.LoadStreamKernel<ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<double>, GreedyLimits, ArrayView<double>, ArrayView<double>, ArrayView<int>, int>(
            GreedyBestKernel.Run);

    private Action<KernelConfig, ArrayView<double>, ArrayView<int>, ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<double>, GreedyLimits, ArrayView<double>, ArrayView<double>, ArrayView<double>, ArrayView<int>, int, int> GreedyDirection => field ??=
        _accelerator.LoadStreamKernel<ArrayView<double>, ArrayView<int>, ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<double>, GreedyLimits, ArrayView<double>, ArrayView<double>, ArrayView<double>, ArrayView<int>, int, int>(
            GreedyDirectionKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<int>, ArrayView<double>, ArrayView<double>, ArrayView<double>, int, int, int> GreedyProjection => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<int>, ArrayView<double>, ArrayView<double>, ArrayView<double>, int, int, int>(
            GreedyProjectionKernel.Run);

    // Three launches a step, all of them queued before the first result is read.
    private protected override GreedyBatch GreedyCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, PrecisionMatrix precision, int count, PairQuota quota)
    {
        AcceleratorStream stream = Stream;
        int n = graph.Count, rows = phi_Rd.Rows, d = phi_Rd.Columns;
        int blocks = Math.Min((n + Block.Threads - 1) / Block.Threads, 8 * _accelerator.NumMultiprocessors);
        ArrayView<double> numbers = _greedy.Take(d * d + n + 2 * d + rows + blocks + count + 3);
        // No pair was there before the first: its u, s and weight are zero.
        numbers.MemSetToZero(stream);
        ArrayView<double> inverse_dd = Cut(ref numbers, d * d), g_n = Cut(ref numbers, n), before_d = Cut(ref numbers, d), u_d = Cut(ref numbers, d);
        ArrayView<double> s_R = Cut(ref numbers, rows), key_B = Cut(ref numbers, blocks), gain_c = Cut(ref numbers, count);
        ArrayView<double> weight = Cut(ref numbers, 1), money = Cut(ref numbers, 1);
        ArrayView<int> counts = _greedyCounts.Take(blocks + count + quota.AllGroups.Length + quota.AllLeft.Length + 1);
        ArrayView<int> number_B = Cut(ref counts, blocks), chosen_c = Cut(ref counts, count);
        GreedyLimits limits = Limits(quota, n, ref counts, money);

        ArrayView<double> z_Rd = _laplacian.Take(rows, d);
        if (d > 0)
        {
            // L⁻¹ for the first gains, M⁻¹ for the steps.
            inverse_dd.CopyFromCPU(stream, precision.InverseCholesky);
            Whitening(Grid(Block.Count(rows), Block.Count(d)), Of(phi_Rd), inverse_dd, z_Rd, rows, d);
            inverse_dd.CopyFromCPU(stream, new UpdatedInverse(precision).Inverse);
        }

        GreedyStart(n, Of(graph.Pairs), z_Rd, Of(v_n), g_n, d);
        for (int step = 0; step < count; step++)
        {
            GreedyBest(Grid(blocks), Of(graph.Pairs), Of(v_n), s_R, weight, limits, g_n, key_B, number_B, n);
            GreedyDirection(
                Grid(Math.Max(1, RowSum.Count(d))), key_B, number_B, Of(graph.Pairs), Of(phi_Rd), weight, before_d, limits, g_n, inverse_dd, u_d, chosen_c, step, d);
            GreedyProjection(
                Grid(RowSum.Count(rows + 1)), Of(phi_Rd), Of(graph.Pairs), Of(v_n), u_d, chosen_c, s_R, gain_c, weight, step, rows, d);
            (before_d, u_d) = (u_d, before_d);
        }

        int[] chosen = new int[count];
        double[] gains = new double[count];
        chosen_c.CopyToCPU(stream, chosen);
        gain_c.CopyToCPU(stream, gains);
        int taken = Array.IndexOf(chosen, ArgMax.NoNumber) is >= 0 and var end ? end : count;
        for (int step = 0; step < taken; step++)
        {
            // v q, as the weight of a direction of length 1.
            _ = UpdatedInverse.Growth(gains[step], 1);
            gains[step] = Logarithm.OfOnePlus(gains[step]);
        }

        return new(chosen[..taken], gains[..taken]);
    }

    private GreedyLimits Limits(PairQuota quota, int n, ref ArrayView<int> counts, ArrayView<double> money)
    {
        AcceleratorStream stream = Stream;
        ArrayView<int> groups_nk = Cut(ref counts, quota.AllGroups.Length), left_G = Cut(ref counts, quota.AllLeft.Length);
        ArrayView<float> cost_n = _greedyCosts.Take(quota.HasCosts ? n : 1);
        if (groups_nk.Length > 0)
        {
            groups_nk.CopyFromCPU(stream, quota.AllGroups);
            left_G.CopyFromCPU(stream, quota.AllLeft);
        }

        if (quota.HasCosts)
        {
            cost_n.CopyFromCPU(stream, quota.AllCosts);
            money.CopyFromCPU(stream, [quota.Money]);
        }

        return new(groups_nk, left_G, cost_n, money, quota.AllGroups.Length / n, quota.HasCosts ? 1 : 0);
    }

    // The next numbers of a piece of memory, of which one must be left: a view cannot start behind its end.
    private static ArrayView<T> Cut<T>(ref ArrayView<T> rest, int length)
        where T : unmanaged
    {
        ArrayView<T> cut = rest.SubView(0, length);
        rest = rest.SubView(length, rest.Length - length);
        return cut;
    }
}
