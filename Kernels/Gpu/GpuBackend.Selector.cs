using System.Diagnostics;
using System.Runtime.InteropServices;
using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Gpu;

internal sealed partial class GpuBackend
{
    private readonly Scratch<double> _inverse;
    private readonly Scratch<double> _past;
    private readonly Scratch<double> _factor;
    private readonly Scratch<ulong> _words;
    private readonly PageLocked _arrived;

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

    // Everything is launched before anything is read, and what is read is the result: the host waits once.
    protected override BestPairs BestCore(
        PairGraph graph,
        DeviceArray<float> phi_Rd,
        DeviceArray<float> v_n,
        DeviceArray<double>? past_dd,
        double ridge,
        DeviceArray<float> g_n,
        int k,
        CancellationToken cancellationToken)
    {
        Bind();
        var from = new DOptimalViews
        {
            Pairs = Of(graph.Pairs),
            Starts = Of(graph.Starts),
            Incident = Of(graph.Incident),
            Variances = Of(v_n),
            Features = Of(phi_Rd),
            Past = past_dd is null ? _past.Take(1) : Of(past_dd),
            HasPast = past_dd is { Length: > 0 },
            Ridge = ridge,
            Count = graph.Count,
            Responses = graph.Responses,
            Dimension = phi_Rd.Columns,
        };
        if (from.Dimension == 0)
        {
            g_n.Clear();
        }

        int[] indices = new int[k];
        float[] scores = new float[k];
        return new(indices, scores, Best(from, Of(g_n), _arrived, indices, scores, cancellationToken));
    }

    /// <summary>Writes every gradient there and the best pairs here, and returns M.</summary>
    /// <param name="from">What is chosen from.</param>
    /// <param name="g_n">[n], out; without features left as it is, zeros.</param>
    /// <param name="host">Where the result arrives, kept for the next call.</param>
    /// <param name="indices">[k], out.</param>
    /// <param name="scores">[k], out, or empty.</param>
    /// <param name="cancellationToken">Looked at before waiting, and after.</param>
    internal PrecisionMatrix Best(
        in DOptimalViews from,
        ArrayView<float> g_n,
        PageLocked host,
        Span<int> indices,
        Span<float> scores,
        CancellationToken cancellationToken)
    {
        var at = new BestWords(from.Dimension, from.HasPast, indices.Length);
        ArrayView<ulong> there = _words.Take(at.Room);
        ArrayView<double> fisher_dd = Information(there, at), inverse_dd = _inverse.Take(at.Dimension, at.Dimension);
        Inform(from, fisher_dd);
        if (at.Dimension > 0 && at.Dimension <= LargestFactor)
        {
            QueueFactor(fisher_dd, from.Past, there, at, inverse_dd, from.Ridge);
            QueueBest(from, inverse_dd, g_n, there.SubView(at.Keys, at.Count));
            Span<ulong> words = Fetch(there, host, at, 0, cancellationToken);
            Read(words[at.Keys..], indices, scores);
            return Precision(words, at, from.Ridge);
        }

        PrecisionMatrix precision = OnHost(from, fisher_dd, inverse_dd);
        QueueBest(from, inverse_dd, g_n, there.SubView(at.Keys, at.Count));
        Read(Fetch(there, host, at, at.Keys, cancellationToken)[at.Keys..], indices, scores);
        return precision;
    }

    /// <summary>Launches what writes v = p(1 − p) of every pair.</summary>
    internal void QueueVariances(int n, ArrayView<Pair> pairs, ArrayView<float> r_R, ArrayView<float> v_n)
    {
        if (n > 0)
        {
            Variances(n, pairs, r_R, v_n);
        }
    }

    private static ArrayView<double> Information(ArrayView<ulong> there, BestWords at) =>
        there.SubView(0, Math.Max(1, at.Size)).Cast<double>();

    // The one journey back, and the one wait: all words from one on.
    private Span<ulong> Fetch(ArrayView<ulong> there, PageLocked host, BestWords at, int first, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Span<ulong> words = host.Take<ulong>(at.Length)[..at.Length];
        if (first < at.Length)
        {
            Download(there.SubView(first, at.Length - first), words[first..]);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return words;
    }

    private static void Read(Span<ulong> keys, Span<int> indices, Span<float> scores)
    {
        keys.Sort();
        keys.Reverse();
        for (int j = 0; j < keys.Length; j++)
        {
            indices[j] = TopKey.Index(keys[j]);
            if (!scores.IsEmpty)
            {
                scores[j] = TopKey.Score(keys[j]);
            }
        }
    }

    // M as the device made it: its factor, the same here and there, is made when somebody asks for it. Where there is none, the host says
    // why.
    private static PrecisionMatrix Precision(Span<ulong> words, BestWords at, double ridge)
    {
        Span<double> numbers = MemoryMarshal.Cast<ulong, double>(words);
        int d = at.Dimension;
        if (words[at.Status] != 0)
        {
            double[] fisher = [.. numbers[..at.Size]], past = [.. numbers[at.Size..at.Status]];
            _ = at.HasPast ? new PrecisionMatrix(d, ridge, fisher, past) : new PrecisionMatrix(d, ridge, fisher);
            throw new UnreachableException("A device finds no factor of M, and the host finds one.");
        }

        double[] m = new double[at.Size];
        CholeskyFactor.Add(numbers[..at.Size], d, m);
        if (at.HasPast)
        {
            CholeskyFactor.Add(numbers.Slice(at.Size, at.Size), d, m);
        }

        CholeskyFactor.AddRidge(ridge, d, m);
        return new PrecisionMatrix(d, ridge, m, CholeskyFactor.LogDeterminantOf(numbers.Slice(at.Status + 1, d), 1));
    }

    private void Inform(in DOptimalViews from, ArrayView<double> fisher_dd)
    {
        int n = from.Count, responses = from.Responses, d = from.Dimension;
        if (n > 0 && d > 0)
        {
            ArrayView<double> laplacian = _laplacian.Take(responses, d);
            Laplacian(responses * d, from.Pairs, from.Starts, from.Incident, from.Features, from.Variances, laplacian, d);
            InformationOf(laplacian, from.Features, fisher_dd, responses, d);
        }
        else if (d > 0)
        {
            fisher_dd.MemSetToZero(Stream);
        }
    }

    // I is there; I_past is put beside it, so that both go to the host with what comes of them.
    private void QueueFactor(
        ArrayView<double> fisher_dd,
        ArrayView<double> past_dd,
        ArrayView<ulong> there,
        BestWords at,
        ArrayView<double> inverse_dd,
        double ridge)
    {
        int d = at.Dimension;
        if (at.HasPast)
        {
            past_dd.SubView(0, at.Size).CopyTo(Stream, there.SubView(at.Size, at.Size).Cast<double>());
        }

        var one = new KernelConfig(1, Math.Min(Factorisation.Threads, _accelerator.MaxNumThreadsPerGroup / 32 * 32));
        var from = new PrecisionViews(fisher_dd, past_dd, ridge, d, at.HasPast ? 1 : 0);
        ArrayView<ulong> word_1d = there.SubView(at.Status, 1 + d);
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
            Download(fisher_dd, fisher);
        }

        if (past.Length > 0)
        {
            Download(from.Past, past);
        }

        PrecisionMatrix precision = past.Length > 0 ? new(d, from.Ridge, fisher, past) : new(d, from.Ridge, fisher);
        if (d > 0)
        {
            inverse_dd.CopyFromCPU(Stream, precision.InverseCholesky);
        }

        return precision;
    }

    private void QueueBest(in DOptimalViews from, ArrayView<double> inverse_dd, ArrayView<float> g_n, ArrayView<ulong> key_k)
    {
        int n = from.Count, responses = from.Responses, d = from.Dimension;
        if (n > 0 && d > 0)
        {
            ArrayView<double> z_Rd = _laplacian.Take(responses, d);
            Whitening(Grid(Block.Count(responses), Block.Count(d)), from.Features, inverse_dd, z_Rd, responses, d);
            Gradient(Grid(PairDistance.Groups(n)), from.Pairs, z_Rd, from.Variances, g_n, n, d);
        }

        if (key_k.Length > 0)
        {
            QueueTop(g_n, (int)key_k.Length, key_k);
        }
    }

    /// <summary>Words of 64 bits that come back in one piece: I [d, d], I_past [d, d] where there is one, 0 where M has a factor, L's
    /// diagonal [d], and keys [k].</summary>
    /// <param name="Dimension">d.</param>
    /// <param name="HasPast">Whether there is an I_past.</param>
    /// <param name="Count">k.</param>
    private readonly record struct BestWords(int Dimension, bool HasPast, int Count)
    {
        /// <summary>Of I.</summary>
        public int Size => Dimension * Dimension;

        /// <summary>Where it is said whether M has a factor; its diagonal follows.</summary>
        public int Status => HasPast ? 2 * Size : Size;

        /// <summary>Where the keys begin.</summary>
        public int Keys => Status + 1 + Dimension;

        /// <summary>All.</summary>
        public int Length => Keys + Count;

        /// <summary>One more: a view cannot start behind the end.</summary>
        public int Room => Length + 1;
    }
}
