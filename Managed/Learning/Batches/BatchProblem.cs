using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Batches;

/// <summary>Which c of n pairs raise log det M most: M = M₀ + Σ v δδᵀ over the batch (MATH.md §3, §5).</summary>
/// <remarks>Passes over all pairs run where the features are; what changes M by a pair runs on the host, on copies made here. Disposes of none of what it is given.</remarks>
public sealed class BatchProblem : IDisposable
{
    private readonly DeviceArray<double> _inverse_dd, _z_Rd;
    private readonly DeviceArray<float> _g_n;
    private double? _logDetOfAll;

    /// <summary>For candidates with their features and weights.</summary>
    /// <param name="candidates">n pairs over R responses.</param>
    /// <param name="features">Φ [R, d]; its owner computes.</param>
    /// <param name="weights">v [n], ≥ 0.</param>
    /// <param name="start">M₀ = λ1 + I_past, d × d.</param>
    /// <param name="count">c, 0 ≤ c ≤ n; with a budget the most there may be.</param>
    /// <param name="limits">What the batch may hold besides, or null.</param>
    /// <param name="must">Numbers of pairs that the batch holds in any case, each once.</param>
    /// <exception cref="ArgumentException">Arrays of other sizes, a number out of range or twice.</exception>
    /// <exception cref="InputException">The pairs that must be in break the limits.</exception>
    public BatchProblem(
        PairGraph candidates, DeviceArray<float> features, DeviceArray<float> weights, PrecisionMatrix start, int count,
        PairLimits? limits = null, IReadOnlyList<int>? must = null)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(start);
        if (features.Rows != candidates.Responses || features.Columns != start.Dimension || weights.Length != candidates.Count)
        {
            throw new ArgumentException(
                $"There are {candidates.Count} pairs of {candidates.Responses} responses and M₀ is {start.Dimension}×{start.Dimension}, but features is {features.Rows}×{features.Columns} and weights has {weights.Length} numbers.", nameof(features));
        }

        if (count < 0 || count > candidates.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"There are {candidates.Count} pairs.");
        }

        (Candidates, Features, Weights, Start, Count, Limits, Must) = (candidates, features, weights, start, count, limits, [.. must ?? []]);
        Pairs = candidates.Pairs.ToArray();
        Phi = new double[features.Length];
        TensorPrimitives.ConvertTruncating<float, double>(features.ToArray(), Phi);
        V = new double[weights.Length];
        TensorPrimitives.ConvertTruncating<float, double>(weights.ToArray(), V);
        TakeMust(Quota([]), Must, count);
        Backend backend = features.Owner;
        _inverse_dd = backend.Allocate<double>(Dimension, Dimension);
        _z_Rd = backend.Allocate<double>(features.Rows, Dimension);
        _g_n = backend.Allocate<float>(candidates.Count);
    }

    /// <summary>n pairs over R responses.</summary>
    public PairGraph Candidates { get; }

    /// <summary>Φ [R, d].</summary>
    public DeviceArray<float> Features { get; }

    /// <summary>v [n].</summary>
    public DeviceArray<float> Weights { get; }

    /// <summary>M₀.</summary>
    public PrecisionMatrix Start { get; }

    /// <summary>c.</summary>
    public int Count { get; }

    /// <summary>What the batch may hold besides, or null.</summary>
    public PairLimits? Limits { get; }

    /// <summary>d.</summary>
    public int Dimension => Start.Dimension;

    /// <summary>Numbers of pairs that the batch holds in any case.</summary>
    internal int[] Must { get; }

    internal Pair[] Pairs { get; }

    internal double[] Phi { get; }

    internal double[] V { get; }

    /// <summary>M of a batch.</summary>
    public PrecisionMatrix Precision(ReadOnlySpan<int> numbers)
    {
        var fisher = new double[Dimension * Dimension];
        var delta = new double[Dimension];
        foreach (int i in numbers)
        {
            AddOuter(i, 1, delta, fisher);
        }

        return Precision(fisher);
    }

    /// <summary>log det M with every candidate in it that the limits do not bar, which no batch exceeds; infinite where that M has no factor.</summary>
    internal double LogDetOfAll()
    {
        if (_logDetOfAll is null)
        {
            PairQuota quota = Quota(Must);
            HashSet<int> must = [.. Must];
            using DeviceArray<float>? some = Limits is null ? null : Features.Owner.Upload<float>(
                [.. V.Select((v, i) => quota.Allows(i) || must.Contains(i) ? (float)v : 0)], V.Length);
            try
            {
                _logDetOfAll = Start.Plus(FisherDesign.Information(Candidates, Features, some ?? Weights)).LogDeterminant;
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
    public void Dispose()
    {
        _inverse_dd.Dispose();
        _z_Rd.Dispose();
        _g_n.Dispose();
    }

    /// <summary>M₀ + I, of which only what lies on and below the diagonal is read.</summary>
    internal PrecisionMatrix Precision(double[] fisher)
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
    internal void AddOuter(int pair, double w, Span<double> delta, Span<double> fisher)
    {
        Delta(pair, delta);
        for (int j = 0; j < Dimension; j++)
        {
            Span<double> row = fisher.Slice(j * Dimension, j + 1);
            TensorPrimitives.MultiplyAdd(delta[..(j + 1)], w * V[pair] * delta[j], row, row);
        }
    }

    /// <summary>δ of a pair.</summary>
    internal void Delta(int pair, Span<double> delta) => TensorPrimitives.Subtract<double>(
        Phi.AsSpan(Pairs[pair].First * Dimension, Dimension), Phi.AsSpan(Pairs[pair].Second * Dimension, Dimension), delta);

    /// <summary>g_i = v_i δᵀM⁻¹δ of every pair, [n]; valid until the next call.</summary>
    internal DeviceArray<float> Gradient(PrecisionMatrix precision)
    {
        Backend backend = Features.Owner;
        _inverse_dd.CopyFrom(precision.InverseCholesky);
        backend.Whiten(Features, _inverse_dd, _z_Rd);
        backend.LogDetGradient(Candidates, _z_Rd, Weights, _g_n);
        return _g_n;
    }

    /// <summary>What is left once these are taken.</summary>
    internal PairQuota Quota(ReadOnlySpan<int> taken)
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
    /// <param name="must">Their numbers.</param>
    /// <param name="count">c.</param>
    /// <param name="name">What people know a pair by; its number without.</param>
    /// <exception cref="ArgumentException">A number out of range or twice.</exception>
    /// <exception cref="InputException">They are more than the size or the limits allow.</exception>
    internal static void TakeMust(PairQuota quota, IReadOnlyList<int> must, int count, Func<int, string>? name = null)
    {
        var seen = new HashSet<int>();
        foreach (int pair in must)
        {
            if (pair < 0 || pair >= quota.Count || !seen.Add(pair))
            {
                throw new ArgumentException(
                    $"Pair {pair} must be in, but {(seen.Contains(pair) ? "stands there twice" : $"there are {quota.Count} pairs")}.", nameof(must));
            }

            if (!quota.Allows(pair) || seen.Count > count)
            {
                throw new InputException(
                    $"The pairs that must be in are more than the limits allow: {name?.Invoke(pair) ?? $"pair {pair}"} is one too many. Ask for a larger batch, raise a limit, or leave one of them out.");
            }

            quota.Take(pair);
        }
    }

    /// <summary>The batch with pairs added greedily until it has all that it may have.</summary>
    /// <param name="numbers">The batch.</param>
    /// <param name="among">Which pairs may be added; all the others without.</param>
    internal int[] Filled(int[] numbers, IReadOnlyCollection<int>? among = null)
    {
        if (numbers.Length >= Count)
        {
            return numbers;
        }

        int[] barred = among is null ? numbers : [.. Enumerable.Range(0, Candidates.Count).Except(among)];
        PairLimits? rest = barred.Length == 0 ? Limits : Quota(numbers).Rest(barred);
        GreedyBatch more = Features.Owner.Greedy(Candidates, Features, Weights, Precision(numbers), Count - numbers.Length, rest);
        return [.. numbers, .. more.Numbers];
    }
}
