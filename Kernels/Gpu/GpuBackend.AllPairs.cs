using FisherKernels.Kernels.Device;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Kernels.Gpu;

internal sealed partial class GpuBackend
{
    // Scores that exist at a time: 16 MB, enough to fill a device.
    private const int BandScores = 1 << 22;

    private readonly Scratch<float> _band;

    private Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<double>, int, int> AllPairsLaplacian => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<double>, int, int>(AllPairsLaplacianKernel.Run);

    private Action<Index1D, ArrayView<double>, ArrayView<float>, ArrayView<float>, int, int, int> AllPairsGradient => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<double>, ArrayView<float>, ArrayView<float>, int, int, int>(
            AllPairsGradientKernel.Run, _group);

    private protected override void AllPairsInformationCore(DeviceArray<float> phi_Rd, DeviceArray<float> r_R, DeviceArray<double> fisher_dd)
    {
        Bind();
        int rows = phi_Rd.Rows, d = phi_Rd.Columns;
        ArrayView<double> laplacian = _laplacian.Take(rows, d);
        AllPairsLaplacian(Grid(Block.Count(rows), Block.Count(d)), Of(phi_Rd), Of(r_R), laplacian, rows, d);
        InformationOf(laplacian, Of(phi_Rd), Of(fisher_dd), rows, d);
    }

    // Band after band of rows: the best of each, and the best of those.
    private protected override ReadOnlySpan<ulong> AllPairsTopCore(DeviceArray<double> z_Rd, DeviceArray<float> r_R, int k)
    {
        Bind();
        int responses = z_Rd.Rows, bandRows = Math.Clamp(BandScores / responses, 1, responses);
        ArrayView<float> band = _band.Take(bandRows, responses);
        ulong[] best = [];
        for (int first = 0; first < responses - 1; first += bandRows)
        {
            int scores = Math.Min(bandRows, responses - first) * responses;
            ArrayView<float> score = band.SubView(0, scores);
            AllPairsGradient(scores, Of(z_Rd), Of(r_R), score, first, responses, z_Rd.Columns);
            uint before = (uint)first * (uint)responses;
            best = [.. best, .. TopKeys(score, Math.Min(k, scores))
                .Where(key => TopKey.Score(key) != AllPairsGradientKernel.NotAPair)
                .Select(key => TopKey.Of(
                    TopKey.Score(key) is var g && g == AllPairsGradientKernel.NotANumber ? float.NaN : g, (int)((uint)TopKey.Number(key) + before)))];
            Array.Sort(best);
            Array.Reverse(best);
            best = best[..Math.Min(k, best.Length)];
        }

        return best;
    }
}
