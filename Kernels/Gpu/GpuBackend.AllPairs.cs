using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Gpu;

internal sealed partial class GpuBackend
{
    /// <summary>Scores that exist at a time: 64 MB, all those of 5,793 responses, since the best of each band are waited for.</summary>
    internal const int BandScores = 1 << 24;

    private readonly Scratch<float> _band;

    private Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<double>, int, int, int> AllPairsLaplacian => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<double>, int, int, int>(AllPairsLaplacianKernel.Run);

    private Action<KernelConfig, ArrayView<double>, ArrayView<float>, ArrayView<float>, int, int, int, int> AllPairsGradient => field ??=
        _accelerator.LoadStreamKernel<ArrayView<double>, ArrayView<float>, ArrayView<float>, int, int, int, int>(
            AllPairsGradientKernel.Run);

    protected override void AllPairsInformationCore(DeviceArray<float> phi_Rd, DeviceArray<float> r_R, DeviceArray<double> fisher_dd)
    {
        Bind();
        InformAllPairs(Of(phi_Rd), Of(r_R), Of(fisher_dd), phi_Rd.Rows, phi_Rd.Columns);
    }

    protected override ReadOnlySpan<ulong> AllPairsTopCore(DeviceArray<double> z_Rd, DeviceArray<float> r_R, int k)
    {
        Bind();
        return AllPairsKeys(Of(z_Rd), Of(r_R), z_Rd.Rows, z_Rd.Columns, k);
    }

    // M goes to the host when the best are there: what is singular is said there, and then they mean nothing.
    protected override ReadOnlySpan<ulong> AllPairsBestCore(
        DeviceArray<float> phi_Rd, DeviceArray<float> r_R, DeviceArray<double>? past_dd, double ridge, int k, out PrecisionMatrix precision)
    {
        int rows = phi_Rd.Rows, d = phi_Rd.Columns;
        if (rows < 2 || d == 0 || d > LargestFactor)
        {
            return base.AllPairsBestCore(phi_Rd, r_R, past_dd, ridge, k, out precision);
        }

        Bind();
        var at = new BestWords(d, past_dd is not null, 0);
        ArrayView<ulong> there = _words.Take(at.Room);
        ArrayView<double> fisher_dd = Information(there, at), inverse_dd = _inverse.Take(d, d), z_Rd = _laplacian.Take(rows, d);
        InformAllPairs(Of(phi_Rd), Of(r_R), fisher_dd, rows, d);
        QueueFactor(fisher_dd, past_dd is null ? _past.Take(1) : Of(past_dd), there, at, inverse_dd, ridge);
        Whitening(Grid(Block.Count(rows), Block.Count(d)), Of(phi_Rd), inverse_dd, z_Rd, rows, d);
        ReadOnlySpan<ulong> keys = k == 0 ? [] : AllPairsKeys(z_Rd, Of(r_R), rows, d, k);
        precision = Precision(Fetch(there, _arrived, at, 0, CancellationToken.None), at, ridge);
        return keys;
    }

    private void InformAllPairs(ArrayView<float> phi_Rd, ArrayView<float> r_R, ArrayView<double> fisher_dd, int rows, int d)
    {
        int high = Block.Count(rows), wide = (d + AllPairsLaplacianKernel.Columns - 1) / AllPairsLaplacianKernel.Columns;
        (int slices, int slice) = Slice(rows, high * wide, rows * d);
        ArrayView<double> laplacian = _laplacian.Take(rows, d), parts = _informationParts.Take(slices * rows, d);
        AllPairsLaplacian(Grid(high, wide, slices), phi_Rd, r_R, parts, rows, slice, d);
        AddUp(parts, laplacian, slices, rows * d);
        InformationOf(laplacian, phi_Rd, fisher_dd, rows, d);
    }

    // Band after band of rows: the best of each, and the best of those.
    private ulong[] AllPairsKeys(ArrayView<double> z_Rd, ArrayView<float> r_R, int responses, int d, int k)
    {
        ulong[] best = [];
        for (int first = 0, rows; first < responses - 1; first += rows)
        {
            int start = first, longest = responses - first - 1;
            rows = BandRows(longest);
            int pairs = AllPairsGradientKernel.Before(rows, longest);
            ArrayView<float> score = _band.Take(pairs);
            AllPairsGradient(
                Grid(Block.Count(responses - first), Block.Count(rows)), z_Rd, r_R, score, first, first + rows, responses, d);
            IEnumerable<ulong> own = TopKeys(score, Math.Min(k, pairs))
                .Select(key => TopKey.Create(TopKey.Score(key), Number(TopKey.Index(key), start, responses)));
            best = [.. best, .. own];
            Array.Sort(best);
            Array.Reverse(best);
            best = best[..Math.Min(k, best.Length)];
        }

        return best;
    }

    // As many rows as there is room for, at least one.
    private static int BandRows(int longest)
    {
        int rows = 1;
        while (rows < longest && AllPairsGradientKernel.Before(rows + 1, longest) <= BandScores)
        {
            rows++;
        }

        return rows;
    }

    // a·R + b of a band's pair. Its row is the largest whose Before is not above the pair's: a root in float64, exact where a row begins.
    private static int Number(int pair, int first, int responses)
    {
        int longest = responses - first - 1;
        double middle = longest + 0.5;
        int row = (int)(middle - Math.Sqrt(middle * middle - 2.0 * pair));
        uint a = (uint)(first + row), b = a + 1 + (uint)(pair - AllPairsGradientKernel.Before(row, longest));
        return (int)(a * (uint)responses + b);
    }
}
