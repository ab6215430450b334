using System.Runtime.InteropServices;
using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Gpu;

internal sealed partial class GpuBackend
{
    private readonly Scratch<double> _greedy;
    private readonly Scratch<int> _greedyCounts;
    private readonly Scratch<double> _greedyCosts;

    private Action<KernelConfig, ArrayView<Pair>, ArrayView<double>, ArrayView<float>, ArrayView<double>, int, int> GreedyStart => field ??=
        _accelerator.LoadStreamKernel<ArrayView<Pair>, ArrayView<double>, ArrayView<float>, ArrayView<double>, int, int>(
            GreedyStartKernel.Run);

    private Action<KernelConfig, ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<double>, GreedyLimits, ArrayView<double>,
        ArrayView<double>, ArrayView<int>, int> GreedyBest => field ??=
        _accelerator.LoadStreamKernel<ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<double>, GreedyLimits,
            ArrayView<double>, ArrayView<double>, ArrayView<int>, int>(
            GreedyBestKernel.Run);

    private Action<KernelConfig, ArrayView<double>, ArrayView<int>, ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<double>,
        GreedyLimits, ArrayView<double>, ArrayView<double>, ArrayView<double>, ArrayView<int>, int, int> GreedyDirection => field ??=
        _accelerator.LoadStreamKernel<ArrayView<double>, ArrayView<int>, ArrayView<Pair>, ArrayView<float>, ArrayView<double>,
            ArrayView<double>, GreedyLimits, ArrayView<double>, ArrayView<double>, ArrayView<double>, ArrayView<int>, int, int>(
            GreedyDirectionKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<int>, ArrayView<double>,
        ArrayView<double>, ArrayView<double>, int, int, int> GreedyProjection => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<Pair>, ArrayView<float>, ArrayView<double>, ArrayView<int>,
            ArrayView<double>, ArrayView<double>, ArrayView<double>, int, int, int>(
            GreedyProjectionKernel.Run);

    protected override GreedyBatch GreedyCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, PrecisionMatrix precision, int count, PairQuota quota) =>
        GreedyAtOnce(graph, phi_Rd, v_n, precision, count, quota) ?? GreedyByLaunches(graph, phi_Rd, v_n, precision, count, quota);

    /// <summary>Three launches a step, all of them queued before the first result is read: on any device, for any batch.</summary>
    internal GreedyBatch GreedyByLaunches(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, PrecisionMatrix precision, int count, PairQuota quota)
    {
        AcceleratorStream stream = Stream;
        int n = graph.Count, rows = phi_Rd.Rows, d = phi_Rd.Columns;
        int blocks = Math.Min((n + Block.Threads - 1) / Block.Threads, 8 * _accelerator.NumMultiprocessors);
        ArrayView<double> numbers = _greedy.Take(d * d + n + 2 * d + rows + blocks + Packed(count) + 3);
        // No pair was there before the first: its u, s and weight are zero.
        numbers.MemSetToZero(stream);
        ArrayView<double> inverse_dd = Cut(ref numbers, d * d), g_n = Cut(ref numbers, n), before_d = Cut(ref numbers, d),
            u_d = Cut(ref numbers, d);
        ArrayView<double> s_R = Cut(ref numbers, rows), key_B = Cut(ref numbers, blocks), result = Cut(ref numbers, Packed(count));
        ArrayView<double> gain_c = Gains(result, count), weight = Cut(ref numbers, 1), money = Cut(ref numbers, 1);
        ArrayView<int> counts = _greedyCounts.Take(blocks + quota.AllGroups.Length + quota.AllLeft.Length + 1);
        ArrayView<int> number_B = Cut(ref counts, blocks), chosen_c = Chosen(result, count);
        ArrayView<int> groups_nk = Cut(ref counts, quota.AllGroups.Length), left_G = Cut(ref counts, quota.AllLeft.Length);
        var limits = new GreedyLimits(
            groups_nk, left_G, Limits(quota, n, groups_nk, left_G, money), money, quota.AllGroups.Length / n, quota.HasCosts ? 1 : 0);
        StartGreedy(graph, phi_Rd, v_n, precision, inverse_dd, g_n);
        for (int step = 0; step < count; step++)
        {
            GreedyBest(Grid(blocks), Of(graph.Pairs), Of(v_n), s_R, weight, limits, g_n, key_B, number_B, n);
            GreedyDirection(
                Grid(Math.Max(1, RowSum.Count(d))), key_B, number_B, Of(graph.Pairs), Of(phi_Rd), weight, before_d, limits, g_n, inverse_dd,
                u_d, chosen_c, step, d);
            GreedyProjection(
                Grid(RowSum.Count(rows + 1)), Of(phi_Rd), Of(graph.Pairs), Of(v_n), u_d, chosen_c, s_R, gain_c, weight, step, rows, d);
            (before_d, u_d) = (u_d, before_d);
        }

        return Result(result, count);
    }

    // M⁻¹, and v q of every pair.
    private void StartGreedy(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, PrecisionMatrix precision, ArrayView<double> inverse_dd,
        ArrayView<double> g_n)
    {
        int rows = phi_Rd.Rows, d = phi_Rd.Columns;
        ArrayView<double> z_Rd = _laplacian.Take(rows, d);
        if (d > 0)
        {
            // L⁻¹ for the first gains, M⁻¹ for the steps.
            inverse_dd.CopyFromCPU(Stream, precision.InverseCholesky);
            Whitening(Grid(Block.Count(rows), Block.Count(d)), Of(phi_Rd), inverse_dd, z_Rd, rows, d);
            inverse_dd.CopyFromCPU(Stream, new UpdatedInverse(precision).Inverse);
        }

        GreedyStart(Grid(PairDistance.Groups(graph.Count)), Of(graph.Pairs), z_Rd, Of(v_n), g_n, graph.Count, d);
    }

    // What the batch may hold, to the device; costs of no pair where pairs are counted.
    private ArrayView<double> Limits(PairQuota quota, int n, ArrayView<int> groups_nk, ArrayView<int> left_G, ArrayView<double> money)
    {
        AcceleratorStream stream = Stream;
        if (groups_nk.Length > 0)
        {
            groups_nk.CopyFromCPU(stream, quota.AllGroups);
            left_G.CopyFromCPU(stream, quota.AllLeft);
        }

        ArrayView<double> cost_n = _greedyCosts.Take(n);
        if (!quota.HasCosts)
        {
            return cost_n.SubView(0, 0);
        }

        cost_n.CopyFromCPU(stream, quota.AllCosts);
        money.CopyFromCPU(stream, [quota.RemainingBudget]);
        return cost_n;
    }

    // Gains and chosen pairs in one piece, which comes back in one copy: numbers of float64 that hold both, and the two in it.
    private static int Packed(int count) => count + (count + 1) / 2;

    private static ArrayView<double> Gains(ArrayView<double> result, int count) => result.SubView(0, count);

    private static ArrayView<int> Chosen(ArrayView<double> result, int count) =>
        result.SubView(count, (count + 1) / 2).Cast<int>().SubView(0, count);

    private GreedyBatch Result(ArrayView<double> result, int count)
    {
        var back = new double[Packed(count)];
        Download(result, back);
        double[] gains = back[..count];
        int[] chosen = [.. MemoryMarshal.Cast<double, int>(back.AsSpan(count))[..count]];
        int taken = Array.IndexOf(chosen, ArgMax.NoNumber) is >= 0 and var end ? end : count;
        for (int step = 0; step < taken; step++)
        {
            // v q, as the weight of a direction of length 1.
            _ = UpdatedInverse.Growth(gains[step], 1);
            gains[step] = Logarithm.OnePlus(gains[step]);
        }

        return new(chosen[..taken], gains[..taken]);
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
