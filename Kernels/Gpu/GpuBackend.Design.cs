using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Gpu;

internal sealed partial class GpuBackend
{
    private readonly Scratch<double> _laplacian;
    private readonly Scratch<double> _informationParts;
    private readonly Scratch<ulong> _keys;

    private Action<Index1D, ArrayView<Pair>, ArrayView<float>, ArrayView<float>> Variances => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<Pair>, ArrayView<float>, ArrayView<float>>(
            PairVariancesKernel.Run, _group);

    private Action<Index1D, ArrayView<Pair>, ArrayView<int>, ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<double>,
        int> Laplacian => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<Pair>, ArrayView<int>, ArrayView<int>, ArrayView<float>,
            ArrayView<float>, ArrayView<double>, int>(
            LaplacianKernel.Run, _group);

    private Action<KernelConfig, ArrayView<float>, ArrayView<double>, ArrayView<double>, int, int, int> InformationPart => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<double>, ArrayView<double>, int, int, int>(
            InformationKernel.Run);

    private Action<KernelConfig, ArrayView<double>, ArrayView<double>, int, int, int> InformationSum => field ??=
        _accelerator.LoadStreamKernel<ArrayView<double>, ArrayView<double>, int, int, int>(InformationSumKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<double>, ArrayView<double>, int, int> Whitening => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<double>, ArrayView<double>, int, int>(WhitenKernel.Run);

    private Action<KernelConfig, ArrayView<Pair>, ArrayView<double>, ArrayView<float>, ArrayView<float>, int, int> Gradient => field ??=
        _accelerator.LoadStreamKernel<ArrayView<Pair>, ArrayView<double>, ArrayView<float>, ArrayView<float>, int, int>(
            LogDetGradientKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<ulong>, int, int> TopSelect => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<ulong>, int, int>(TopSelectKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<ulong>, int, int, int, int, int> TopDigit => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<int>, ArrayView<ulong>, int, int, int, int, int>(TopDigitKernel.Run);

    private Action<Index1D, ArrayView<float>, ArrayView<ulong>, ArrayView<ulong>, ArrayView<int>> Collect => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<ulong>, ArrayView<ulong>, ArrayView<int>>(
            TopCollectKernel.Run, _group);

    // Zero between selections: each of them leaves its counts so.
    private GpuArray<int> TopCounts => field ??= (GpuArray<int>)Allocate<int>(TopDigitKernel.Counts);

    private GpuArray<ulong> TopCut => field ??= (GpuArray<ulong>)Allocate<ulong>(3);

    protected override void PairVariancesCore(PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> v_n)
    {
        Bind();
        Variances(graph.Count, Of(graph.Pairs), Of(r_R), Of(v_n));
    }

    protected override void InformationCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, DeviceArray<double> fisher_dd)
    {
        Bind();
        ArrayView<double> laplacian = _laplacian.Take(phi_Rd.Rows, phi_Rd.Columns);
        Laplacian(
            phi_Rd.Length, Of(graph.Pairs), Of(graph.Starts), Of(graph.Incident), Of(phi_Rd), Of(v_n), laplacian, phi_Rd.Columns);
        InformationOf(laplacian, Of(phi_Rd), Of(fisher_dd), phi_Rd.Rows, phi_Rd.Columns);
    }

    private void InformationOf(ArrayView<double> laplacian, ArrayView<float> phi_Rd, ArrayView<double> fisher_dd, int rows, int d)
    {
        int side = Block.Count(d);
        // Two blocks at least: a group has no more to do at a time, and of shorter slices there would be twice as many to add up.
        (int slices, int slice) = Slice(rows, side * side, d * d, least: 2);
        ArrayView<double> parts = _informationParts.Take(slices * d, d);
        InformationPart(Grid(side, side, slices), phi_Rd, laplacian, parts, rows, slice, d);
        AddUp(parts, fisher_dd, slices, d * d);
    }

    private void AddUp(ArrayView<double> part_sn, ArrayView<double> sum_n, int slices, int numbers)
    {
        int lanes = InformationSumKernel.Lanes(slices), width = _group / lanes;
        InformationSum(new KernelConfig((numbers + width - 1) / width, _group), part_sn, sum_n, slices, numbers, lanes);
    }

    protected override void WhitenCore(DeviceArray<float> phi_Rd, DeviceArray<double> inverse_dd, DeviceArray<double> z_Rd)
    {
        Bind();
        Whitening(
            Grid(Block.Count(z_Rd.Rows), Block.Count(z_Rd.Columns)), Of(phi_Rd), Of(inverse_dd), Of(z_Rd), z_Rd.Rows, z_Rd.Columns);
    }

    protected override void LogDetGradientCore(
        PairGraph graph, DeviceArray<double> z_Rd, DeviceArray<float> v_n, DeviceArray<float> g_n)
    {
        Bind();
        Gradient(Grid(PairDistance.Groups(graph.Count)), Of(graph.Pairs), Of(z_Rd), Of(v_n), Of(g_n), graph.Count, z_Rd.Columns);
    }

    protected override int[] TopCore(DeviceArray<float> score_n, int k) => [.. TopKeys(Of(score_n), k).Select(TopKey.Index)];

    /// <summary>The k largest keys in descending order.</summary>
    private ulong[] TopKeys(ArrayView<float> score, int k)
    {
        ArrayView<ulong> taken = _keys.Take(k);
        QueueTop(score, k, taken);
        var keys = new ulong[k];
        Download(taken, keys);
        Array.Sort(keys);
        Array.Reverse(keys);
        return keys;
    }

    /// <summary>Launches what writes the k largest keys, in any order; k ≥ 1.</summary>
    private void QueueTop(ArrayView<float> score_n, int k, ArrayView<ulong> key_k)
    {
        int n = (int)score_n.Length;
        if (n <= TopSelectKernel.Most)
        {
            TopSelect(new KernelConfig(1, Math.Min(TopSelectKernel.Threads, _accelerator.MaxNumThreadsPerGroup / 32 * 32)), score_n, key_k,
                n, k);
            return;
        }

        ArrayView<int> counts = TopCounts.Numbers;
        ArrayView<ulong> cut = TopCut.Numbers;
        var grid = new KernelConfig(Math.Min((n + _group - 1) / _group, 8 * _accelerator.NumMultiprocessors), _group);
        for (int known = 0, bits; known < TopKey.Bits; known += bits)
        {
            bits = Math.Min(TopDigitKernel.Bits, TopKey.Bits - known);
            TopDigit(grid, score_n, counts, cut, n, k, TopKey.Bits - known - bits, bits, known == 0 ? 1 : 0);
        }

        Collect(n, score_n, cut, key_k, counts);
    }
}
