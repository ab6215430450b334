using FisherKernels.Kernels.Device;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Kernels.Gpu;

internal sealed partial class GpuBackend
{
    private readonly Scratch<double> _laplacian;
    private readonly Scratch<double> _informationParts;
    private readonly Scratch<int> _counts;
    private readonly Scratch<ulong> _keys;

    private Action<Index1D, ArrayView<Pair>, ArrayView<float>, ArrayView<float>> Variances => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<Pair>, ArrayView<float>, ArrayView<float>>(
            PairVariancesKernel.Run, _group);

    private Action<Index1D, ArrayView<Pair>, ArrayView<int>, ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<double>, int> Laplacian => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<Pair>, ArrayView<int>, ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<double>, int>(
            LaplacianKernel.Run, _group);

    private Action<KernelConfig, ArrayView<float>, ArrayView<double>, ArrayView<double>, int, int, int> InformationPart => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<double>, ArrayView<double>, int, int, int>(
            InformationKernel.Run);

    private Action<Index1D, ArrayView<double>, ArrayView<double>, int, int> InformationSum => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<double>, ArrayView<double>, int, int>(
            InformationSumKernel.Run, _group);

    private Action<KernelConfig, ArrayView<float>, ArrayView<double>, ArrayView<double>, int, int> Whitening => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<double>, ArrayView<double>, int, int>(WhitenKernel.Run);

    private Action<Index1D, ArrayView<Pair>, ArrayView<double>, ArrayView<float>, ArrayView<float>, int> Gradient => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<Pair>, ArrayView<double>, ArrayView<float>, ArrayView<float>, int>(
            LogDetGradientKernel.Run, _group);

    private Action<KernelConfig, ArrayView<float>, ArrayView<int>, int, ulong, int, int> Histogram => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<int>, int, ulong, int, int>(TopHistogramKernel.Run);

    private Action<Index1D, ArrayView<float>, ArrayView<ulong>, ArrayView<int>, ulong> Collect => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<ulong>, ArrayView<int>, ulong>(
            TopCollectKernel.Run, _group);

    private protected override void PairVariancesCore(PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> v_n)
    {
        Bind();
        Variances(graph.Count, Of(graph.Pairs), Of(r_R), Of(v_n));
    }

    private protected override void InformationCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, DeviceArray<double> fisher_dd)
    {
        Bind();
        ArrayView<double> laplacian = _laplacian.Take(phi_Rd.Rows, phi_Rd.Columns);
        Laplacian(
            phi_Rd.Length, Of(graph.Pairs), Of(graph.Starts), Of(graph.Incident), Of(phi_Rd), Of(v_n), laplacian, phi_Rd.Columns);
        InformationOf(laplacian, phi_Rd, fisher_dd);
    }

    private void InformationOf(ArrayView<double> laplacian, DeviceArray<float> phi_Rd, DeviceArray<double> fisher_dd)
    {
        int rows = phi_Rd.Rows, d = phi_Rd.Columns, side = Block.Count(d);
        (int slices, int slice) = Slice(rows, side * side, d * d);
        ArrayView<double> parts = _informationParts.Take(slices * d, d);
        InformationPart(Grid(side, side, slices), Of(phi_Rd), laplacian, parts, rows, slice, d);
        InformationSum(d * d, parts, Of(fisher_dd), slices, d * d);
    }

    private protected override void WhitenCore(DeviceArray<float> phi_Rd, DeviceArray<double> inverse_dd, DeviceArray<double> z_Rd)
    {
        Bind();
        Whitening(
            Grid(Block.Count(z_Rd.Rows), Block.Count(z_Rd.Columns)), Of(phi_Rd), Of(inverse_dd), Of(z_Rd), z_Rd.Rows, z_Rd.Columns);
    }

    private protected override void LogDetGradientCore(
        PairGraph graph, DeviceArray<double> z_Rd, DeviceArray<float> v_n, DeviceArray<float> g_n)
    {
        Bind();
        Gradient(graph.Count, Of(graph.Pairs), Of(z_Rd), Of(v_n), Of(g_n), z_Rd.Columns);
    }

    private protected override int[] TopCore(DeviceArray<float> score_n, int k) => [.. TopKeys(Of(score_n), k).Select(TopKey.Number)];

    /// <summary>The k largest keys in descending order.</summary>
    private ulong[] TopKeys(ArrayView<float> score, int k)
    {
        AcceleratorStream stream = Stream;
        ulong threshold = k == score.Length ? 0 : Threshold(score, k);
        ArrayView<ulong> taken = _keys.Take(k);
        ArrayView<int> count = _counts.Take(TopHistogramKernel.Bins);
        count.MemSetToZero(stream);
        Collect((int)score.Length, score, taken, count, threshold);

        var keys = new ulong[k];
        taken.CopyToCPU(stream, keys);
        Array.Sort(keys);
        Array.Reverse(keys);
        return keys;
    }

    /// <summary>A number that exactly k keys reach: the leading digits of the k-th largest key, found from the highest down.</summary>
    private ulong Threshold(ArrayView<float> score, int k)
    {
        AcceleratorStream stream = Stream;
        ArrayView<int> counts = _counts.Take(TopHistogramKernel.Bins);
        var count = new int[TopHistogramKernel.Bins];
        int length = (int)score.Length, groups = Math.Min((length + _group - 1) / _group, 8 * _accelerator.NumMultiprocessors);
        ulong prefix = 0;
        int shift = 64;
        while (shift > 0)
        {
            int bits = Math.Min(TopHistogramKernel.Bits, shift);
            shift -= bits;
            counts.MemSetToZero(stream);
            Histogram(new KernelConfig(groups, _group), score, counts, length, prefix, shift, bits);
            counts.CopyToCPU(stream, count);

            int digit = (1 << bits) - 1;
            while (count[digit] < k)
            {
                k -= count[digit--];
            }

            prefix = (prefix << bits) | (uint)digit;
            if (count[digit] == k)
            {
                break;
            }
        }

        return prefix << shift;
    }
}
