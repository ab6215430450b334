using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Runtime;
using static FisherKernels.Gpu.CooperativeLaunch;

namespace FisherKernels.Gpu;

internal sealed partial class GpuBackend
{
    // Where a group has many more pairs than its cache holds, three launches a step over rows cost less than one over pairs.
    private const int MostGreedyPairs = 1 << 16, MostGreedyWords = 1 << 23;

    private readonly bool _greedyAtOnce;
    private readonly Scratch<double> _greedyDeltas;
    private readonly Scratch<ulong> _greedySaid;

    // 44 KB of the 228 KB that can be shared on an H100; a fifth of what others have is as much as one group needs, or the driver
    // takes more.
    private Lazy<CooperativeLaunch?> GreedyTogether => field ??= new(() =>
        Load(_accelerator, typeof(GreedyAtOnceKernel)
            .GetMethod(nameof(GreedyAtOnceKernel.Run))!, GreedyAtOnceKernel.Threads, sharedPercent: 20));

    /// <summary>All steps in one launch; null where the device has no such launches, or the batch is too large for one.</summary>
    internal GreedyBatch? GreedyAtOnce(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, PrecisionMatrix precision, int count, PairQuota quota)
    {
        AcceleratorStream stream = Stream;
        int n = graph.Count, d = phi_Rd.Columns,
            groups = Math.Min(Math.Min(_accelerator.NumMultiprocessors, GreedyAtOnceKernel.MostGroups), (n + 63) / 64);
        long words = 2L * count * groups;
        if (!_greedyAtOnce || d > GreedyAtOnceKernel.MostColumns || n > MostGreedyPairs || words > MostGreedyWords
            || GreedyTogether.Value is not { } launch)
        {
            return null;
        }

        int each = (n + groups - 1) / groups, kinds = quota.AllGroups.Length > 0 ? quota.AllLeft.Length : 0;
        ArrayView<double> numbers = _greedy.Take(d * d + n + Packed(count) + groups + 2);
        numbers.MemSetToZero(stream);
        ArrayView<double> inverse_dd = Cut(ref numbers, d * d), g_n = Cut(ref numbers, n), result = Cut(ref numbers, Packed(count));
        ArrayView<double> money_B = Cut(ref numbers, groups + 1);
        ArrayView<int> counts = _greedyCounts.Take(quota.AllGroups.Length + (groups + 1) * kinds + 1);
        ArrayView<int> groups_nk = Cut(ref counts, quota.AllGroups.Length), left_BG = Cut(ref counts, (groups + 1) * kinds);
        ArrayView<double> cost_n = Limits(quota, n, groups_nk, left_BG, money_B);
        ArrayView<ulong> said_cB2 = _greedySaid.Take((int)words);
        said_cB2.MemSet(stream, byte.MaxValue);
        StartGreedy(graph, phi_Rd, v_n, precision, inverse_dd, g_n);
        ArrayView<double> delta_BkP = _greedyDeltas.Take(groups * each * GreedyAtOnceKernel.Width(d) + 1);
        return launch.TryRun(
            groups, GreedyAtOnceKernel.Threads, stream,
            Argument.Of(Of(graph.Pairs)), Argument.Of(Of(phi_Rd)), Argument.Of(Of(v_n)), Argument.Of(inverse_dd),
            Argument.Of(groups_nk), Argument.Of(left_BG), Argument.Of(cost_n), Argument.Of(money_B),
            Argument.Of(g_n), Argument.Of(delta_BkP), Argument.Of(said_cB2), Argument.Of(Chosen(result, count)),
            Argument.Of(Gains(result, count)), d)
            ? Result(result, count)
            : null;
    }
}
