using System.Runtime.InteropServices;
using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Gpu;

internal sealed partial class GpuBackend
{
    private readonly Scratch<float> _variances;
    private readonly Scratch<float> _gradient;
    private readonly Scratch<double> _fisher;
    private readonly Scratch<double> _inverse;
    private readonly Scratch<double> _past;
    private readonly Scratch<double> _factor;
    private readonly Scratch<ulong> _words;

    private Action<KernelConfig, PrecisionViews, ArrayView<double>, ArrayView<ulong>> Factor => field ??=
        _accelerator.LoadStreamKernel<PrecisionViews, ArrayView<double>, ArrayView<ulong>>(FactorKernel.Run);

    private Action<KernelConfig, PrecisionViews, ArrayView<double>, ArrayView<double>, ArrayView<ulong>> FarFactor => field ??=
        _accelerator.LoadStreamKernel<PrecisionViews, ArrayView<double>, ArrayView<double>, ArrayView<ulong>>(FarFactorKernel.Run);

    // A thread a column.
    private int LargestFactor => Math.Min(FarFactorKernel.Most, _accelerator.MaxNumThreadsPerGroup / 32 * 32);

    public override DOptimalSelector CreateSelector()
    {
        Bind();
        return new GpuSelector(this);
    }

    /// <summary>Writes the best pairs and returns log det M. Everything is launched before anything is read, and what is read is the result.</summary>
    /// <param name="from">What is chosen from.</param>
    /// <param name="host">Where the result arrives, kept for the next call.</param>
    /// <param name="best">[k], out.</param>
    /// <param name="gradients">[k], out, or empty.</param>
    /// <param name="cancellation">Looked at before waiting, and after.</param>
    internal double Select(in DOptimalViews from, PageLocked host, Span<int> best, Span<float> gradients, CancellationToken cancellation)
    {
        int n = from.Count, d = from.Dimension, k = best.Length, all = 1 + d + k;
        ArrayView<double> fisher_dd = _fisher.Take(d, d), inverse_dd = _inverse.Take(d, d);
        ArrayView<float> v_n = _variances.Take(n);
        // One more: a view cannot start behind the end.
        ArrayView<ulong> word_1dk = _words.Take(all + 1);
        Inform(from, v_n, fisher_dd);

        PrecisionMatrix? precision = null;
        if (d > 0 && d <= LargestFactor)
        {
            QueueFactor(fisher_dd, from.Past, inverse_dd, word_1dk, from.Ridge, d, from.HasPast);
        }
        else
        {
            precision = OnHost(from, fisher_dd, inverse_dd);
        }

        QueueBest(from, inverse_dd, v_n, word_1dk.SubView(1 + d, k));
        cancellation.ThrowIfCancellationRequested();
        // The words of a factor where the device made one.
        Span<ulong> words = host.Take<ulong>(all);
        int first = precision is null ? 0 : 1 + d;
        Fetch(word_1dk.SubView(first, all - first), words[first..]);
        if (precision is null && words[0] != 0)
        {
            // The host finds the same and says what is wrong.
            precision = OnHost(from, fisher_dd, inverse_dd);
            QueueBest(from, inverse_dd, v_n, word_1dk.SubView(1 + d, k));
            Fetch(word_1dk.SubView(1 + d, k), words[(1 + d)..]);
        }

        cancellation.ThrowIfCancellationRequested();
        Span<ulong> keys = words[(1 + d)..];
        keys.Sort();
        keys.Reverse();
        for (int j = 0; j < k; j++)
        {
            best[j] = TopKey.Number(keys[j]);
            if (!gradients.IsEmpty)
            {
                gradients[j] = TopKey.Score(keys[j]);
            }
        }

        return precision?.LogDeterminant ?? CholeskyFactor.LogDeterminantOf(MemoryMarshal.Cast<ulong, double>(words.Slice(1, d)), 1);
    }

    // The one journey back, and the one wait.
    private void Fetch(ArrayView<ulong> there, Span<ulong> words)
    {
        if (!words.IsEmpty)
        {
            there.CopyToCPU(Stream, words);
        }
    }

    private void Inform(in DOptimalViews from, ArrayView<float> v_n, ArrayView<double> fisher_dd)
    {
        int n = from.Count, responses = from.Responses, d = from.Dimension;
        if (n > 0)
        {
            Variances(n, from.Pairs, from.Rewards, v_n);
        }

        if (n > 0 && d > 0)
        {
            ArrayView<double> laplacian = _laplacian.Take(responses, d);
            Laplacian(responses * d, from.Pairs, from.Starts, from.Incident, from.Features, v_n, laplacian, d);
            InformationOf(laplacian, from.Features, fisher_dd, responses, d);
        }
        else if (d > 0)
        {
            fisher_dd.MemSetToZero(Stream);
        }
    }

    private void QueueFactor(
        ArrayView<double> fisher_dd, ArrayView<double> past_dd, ArrayView<double> inverse_dd, ArrayView<ulong> word_1d, double ridge, int d, bool hasPast)
    {
        var one = new KernelConfig(1, Math.Min(Factorisation.Threads, _accelerator.MaxNumThreadsPerGroup / 32 * 32));
        var from = new PrecisionViews(fisher_dd, past_dd, ridge, d, hasPast ? 1 : 0);
        if (d <= FactorKernel.Near)
        {
            Factor(one, from, inverse_dd, word_1d);
        }
        else
        {
            FarFactor(one, from, _factor.Take(Factorisation.Triangle(d)), inverse_dd, word_1d);
        }
    }

    private PrecisionMatrix OnHost(in DOptimalViews from, ArrayView<double> fisher_dd, ArrayView<double> inverse_dd)
    {
        int d = from.Dimension;
        double[] fisher = new double[d * d], past = from.HasPast ? new double[d * d] : [];
        if (d > 0)
        {
            fisher_dd.CopyToCPU(Stream, fisher);
        }

        if (past.Length > 0)
        {
            from.Past.CopyToCPU(Stream, past);
        }

        PrecisionMatrix precision = past.Length > 0 ? new(d, from.Ridge, fisher, past) : new(d, from.Ridge, fisher);
        if (d > 0)
        {
            inverse_dd.CopyFromCPU(Stream, precision.InverseCholesky);
        }

        return precision;
    }

    private void QueueBest(in DOptimalViews from, ArrayView<double> inverse_dd, ArrayView<float> v_n, ArrayView<ulong> key_k)
    {
        if (key_k.Length == 0)
        {
            return;
        }

        int n = from.Count, responses = from.Responses, d = from.Dimension;
        ArrayView<float> g_n = _gradient.Take(n);
        if (d == 0)
        {
            g_n.MemSetToZero(Stream);
        }
        else
        {
            ArrayView<double> z_Rd = _laplacian.Take(responses, d);
            Whitening(Grid(Block.Count(responses), Block.Count(d)), from.Features, inverse_dd, z_Rd, responses, d);
            Gradient(Grid(PairDistance.Groups(n)), from.Pairs, z_Rd, v_n, g_n, n, d);
        }

        QueueTop(g_n, (int)key_k.Length, key_k);
    }
}
