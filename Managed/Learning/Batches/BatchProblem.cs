using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Batches;

/// <summary>Which c of n listed pairs raise log det M most: M = M₀ + Σ v δδᵀ over the batch (MATH.md §3, §5).</summary>
/// <remarks>
/// Passes over all pairs run where the features are; what changes M by a pair runs on the host, on copies that are made when they
/// are first looked at.
/// Disposes of none of what it is given.
/// </remarks>
internal sealed class BatchProblem : LogDetProblem
{
    private readonly InformationProblem _information;
    private readonly BatchRequest _request;
    private readonly bool _ownsInformation;
    private DeviceArray<double>? _inverse_dd, _z_Rd;
    private DeviceArray<float>? _g_n;
    private double? _logDetOfAll;

    /// <summary>For candidates of which some things are known already.</summary>
    /// <param name="information">The candidates, their weights and what there is before them.</param>
    /// <param name="request">How many, and what the batch has to keep.</param>
    /// <exception cref="ArgumentException">An index of a required pair that is out of range or stands there twice.</exception>
    /// <exception cref="InputException">The required pairs break the limits.</exception>
    public BatchProblem(InformationProblem information, BatchRequest request)
    {
        if (request.Count < 0 || request.Count > information.Candidates.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(request), request.Count, $"There are {information.Candidates.Count} pairs.");
        }

        (_information, _request, Required) = (information, request, [.. request.Required]);
        TakeRequired(Quota([]), Required, Count);
    }

    /// <summary>For candidates with their features and weights.</summary>
    /// <param name="candidates">n pairs over R responses.</param>
    /// <param name="features">Φ [R, d]; its owner computes.</param>
    /// <param name="weights">v [n], ≥ 0.</param>
    /// <param name="start">M₀ = λ1 + I_past, d × d.</param>
    /// <param name="request">How many, and what the batch has to keep.</param>
    /// <exception cref="ArgumentException">Arrays of other sizes, an index out of range or twice.</exception>
    /// <exception cref="InputException">The required pairs break the limits.</exception>
    public BatchProblem(
        PairGraph candidates, DeviceArray<float> features, DeviceArray<float> weights, PrecisionMatrix start, BatchRequest request)
        : this(new InformationProblem(candidates, features, weights, start), request) => _ownsInformation = true;

    /// <summary>n pairs over R responses.</summary>
    public PairGraph Candidates => _information.Candidates;

    /// <summary>Φ [R, d].</summary>
    public DeviceArray<float> Features => _information.Features;

    /// <summary>v [n].</summary>
    public DeviceArray<float> Weights => _information.Weights;

    /// <summary>M₀.</summary>
    public PrecisionMatrix Start => _information.Start;

    /// <summary>c.</summary>
    public int Count => _request.Count;

    /// <summary>What the batch may hold besides, or null.</summary>
    public PairLimits? Limits => _request.Limits;

    /// <summary>d.</summary>
    public int Dimension => Features.Columns;

    /// <summary>Indices of pairs that the batch holds in any case.</summary>
    public int[] Required { get; }

    /// <summary>The pairs, [n].</summary>
    public ReadOnlySpan<Pair> Pairs => Candidates.OnHost.Span;

    /// <summary>Φ on the host, [R, d].</summary>
    public double[] Phi => field ??= Wide(Features);

    /// <summary>v on the host, [n].</summary>
    public double[] V => field ??= Wide(Weights);

    /// <inheritdoc/>
    public override Batch Top(CancellationToken cancellationToken)
    {
        BestPairs best = _information.Best(_request.IsFree ? Count : 0, cancellationToken);
        int[] indices = best.Indices;
        float[] values = best.Scores;
        if (!_request.IsFree && Count > 0)
        {
            float[] g = _information.Gradient.ToArray();
            indices = TopOptimiser.Walk(Quota([]), _request, i => g[i]);
            values = [.. indices.Select(i => g[i])];
        }

        return Listed(indices, [.. values.Select(g => (double)g)], best.Precision);
    }

    /// <inheritdoc/>
    public override Batch Optimise(IBatchOptimiser optimiser, SearchEffort effort)
    {
        (int[] indices, double[] gains) = BatchOrder.Arrange(this, optimiser.Choose(this, effort));
        return Listed(indices, gains, Precision(indices));
    }

    /// <inheritdoc/>
    public override Batch Certify(Batch batch, double? efficiency, SearchEffort effort)
    {
        if (LogDetOfAll() <= Start.LogDeterminant)
        {
            return batch;
        }

        if (efficiency is null)
        {
            return batch with { Certificate = Certificate.Compute(this, batch.Indices) };
        }

        (Certificate certificate, Proof proof) = Certificate.Prove(this, batch.Indices, efficiency.Value, effort);
        return batch with { Certificate = certificate, Proof = proof };
    }

    /// <summary>M of a batch.</summary>
    public PrecisionMatrix Precision(ReadOnlySpan<int> indices)
    {
        var fisher = new double[Dimension * Dimension];
        var delta = new double[Dimension];
        foreach (int i in indices)
        {
            AddOuter(i, 1, delta, fisher);
        }

        return Precision(fisher);
    }

    /// <summary>log det M with every candidate in it that the limits do not exclude, which no batch exceeds; infinite where that M
    /// has no factor.</summary>
    public double LogDetOfAll()
    {
        if (_logDetOfAll is null)
        {
            try
            {
                _logDetOfAll = Limits is null
                    ? (_information.All ?? _information.Best(0, default).Precision).LogDeterminant : LogDetOfAllowed();
            }
            catch (SingularInformationException)
            {
                // λ is lost beside the information of all pairs together: they bound nothing.
                _logDetOfAll = double.PositiveInfinity;
            }
        }

        return _logDetOfAll.Value;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _inverse_dd?.Dispose();
        _z_Rd?.Dispose();
        _g_n?.Dispose();
        if (_ownsInformation)
        {
            _information.Dispose();
        }
    }

    /// <summary>M₀ + I, of which only what lies on and below the diagonal is read.</summary>
    public PrecisionMatrix Precision(double[] fisher)
    {
        for (int j = 0; j < Dimension; j++)
        {
            for (int k = 0; k < j; k++)
            {
                fisher[k * Dimension + j] = fisher[j * Dimension + k];
            }
        }

        return Start.Plus(fisher);
    }

    /// <summary>Adds w v δδᵀ on and below the diagonal.</summary>
    public void AddOuter(int pair, double w, Span<double> delta, Span<double> fisher)
    {
        Delta(pair, delta);
        for (int j = 0; j < Dimension; j++)
        {
            Span<double> row = fisher.Slice(j * Dimension, j + 1);
            TensorPrimitives.MultiplyAdd(delta[..(j + 1)], w * V[pair] * delta[j], row, row);
        }
    }

    /// <summary>δ of a pair.</summary>
    public void Delta(int pair, Span<double> delta) => TensorPrimitives.Subtract<double>(
        Phi.AsSpan(Pairs[pair].First * Dimension, Dimension), Phi.AsSpan(Pairs[pair].Second * Dimension, Dimension), delta);

    /// <summary>g_i = v_i δᵀM⁻¹δ of every pair, [n]; valid until the next call.</summary>
    public DeviceArray<float> Gradient(PrecisionMatrix precision)
    {
        Backend backend = Features.Owner;
        _inverse_dd ??= backend.Allocate<double>(Dimension, Dimension);
        _z_Rd ??= backend.Allocate<double>(Features.Rows, Dimension);
        _g_n ??= backend.Allocate<float>(Candidates.Count);
        _inverse_dd.CopyFrom(precision.InverseCholesky);
        backend.Whiten(Features, _inverse_dd, _z_Rd);
        backend.LogDetGradient(Candidates, _z_Rd, Weights, _g_n);
        return _g_n;
    }

    /// <summary>What is left once these are taken.</summary>
    public PairQuota Quota(ReadOnlySpan<int> taken)
    {
        var quota = new PairQuota(Limits, Candidates.Count);
        foreach (int pair in taken)
        {
            quota.Take(pair);
        }

        return quota;
    }

    /// <summary>Takes the pairs that must be in.</summary>
    /// <param name="quota">With nothing taken.</param>
    /// <param name="required">Their indices.</param>
    /// <param name="count">c.</param>
    /// <param name="name">What people know a pair by; its index without.</param>
    /// <exception cref="ArgumentException">An index out of range or twice.</exception>
    /// <exception cref="InputException">They are more than the size or the limits allow.</exception>
    public static void TakeRequired(PairQuota quota, IReadOnlyList<int> required, int count, Func<int, string>? name = null)
    {
        var seen = new HashSet<int>();
        foreach (int pair in required)
        {
            if (pair < 0 || pair >= quota.Count || !seen.Add(pair))
            {
                throw new ArgumentException(
                    $"Pair {pair} must be in, but {(seen.Contains(pair) ? "stands there twice" : $"there are {quota.Count} pairs")}.",
                    nameof(required));
            }

            if (!quota.Allows(pair) || seen.Count > count)
            {
                throw new InputException(
                    $"The pairs that must be in are more than the limits allow: {name?.Invoke(pair) ?? $"pair {pair}"} is one too many. "
                    + "Ask for a larger batch, raise a limit, or leave one of them out.");
            }

            quota.Take(pair);
        }
    }

    /// <summary>The batch with pairs added greedily until it has all that it may have.</summary>
    /// <param name="indices">The batch.</param>
    /// <param name="among">Which pairs may be added; all the others without.</param>
    public int[] Filled(int[] indices, IReadOnlyCollection<int>? among = null)
    {
        if (indices.Length >= Count)
        {
            return indices;
        }

        int[] excluded = among is null ? indices : [.. Enumerable.Range(0, Candidates.Count).Except(among)];
        PairLimits? rest = excluded.Length == 0 ? Limits : Quota(indices).Rest(excluded);
        GreedyBatch more = Features.Owner.Greedy(Candidates, Features, Weights, Precision(indices), Count - indices.Length, rest);
        return [.. indices, .. more.Indices];
    }

    private Batch Listed(int[] indices, double[] values, PrecisionMatrix precision) =>
        new([.. indices.Select(i => Pairs[i])], values, indices, precision);

    private double LogDetOfAllowed()
    {
        PairQuota quota = Quota(Required);
        HashSet<int> required = [.. Required];
        using DeviceArray<float> some = Features.Owner.Upload<float>(
            [.. V.Select((v, i) => quota.Allows(i) || required.Contains(i) ? (float)v : 0)], V.Length);
        return Start.Plus(FisherDesign.Information(Candidates, Features, some)).LogDeterminant;
    }

    private static double[] Wide(DeviceArray<float> array)
    {
        var wide = new double[array.Length];
        TensorPrimitives.ConvertTruncating<float, double>(array.ToArray(), wide);
        return wide;
    }
}
