using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Batches;

/// <summary>Which c of all R(R − 1)/2 pairs without a label raise log det M most; none of them is listed but a working list of the
/// best at some M (MATH.md §5, §6).</summary>
internal sealed class EveryPairProblem : LogDetProblem
{
    private readonly DeviceArray<float> _features, _rewards;
    private readonly DeviceArray<double> _inverse_dd, _z_Rd;
    private readonly Pair[] _labelled;
    private readonly HashSet<Pair> _known;
    private readonly int[] _kinds;
    private readonly double _ridge;
    private PrecisionMatrix? _all, _start;
    private bool _isAllSingular;

    public EveryPairProblem(
        DeviceArray<float> features, DeviceArray<float> rewards, ReadOnlySpan<Pair> labelled, int count, double ridge,
        ReadOnlySpan<int> kinds = default, PrecisionMatrix? all = null)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(rewards);
        long unlabelled = EveryPairDesign.Unlabelled(features.Rows, labelled, kinds);
        if (count < 0 || count > unlabelled)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"{unlabelled} pairs have no label.");
        }

        SequentialDesign.RequireFinite(features.ToArray(), features.Columns, "feature");
        SequentialDesign.RequireFinite(rewards.ToArray(), 1, "reward");
        (_features, _rewards, _labelled, _kinds, _ridge, _all, Count) =
            (features, rewards, labelled.ToArray(), kinds.ToArray(), ridge, all, count);
        _known = [.. _labelled.Select(pair => pair.Ascending())];
        Backend backend = features.Owner;
        _inverse_dd = backend.Allocate<double>(features.Columns, features.Columns);
        _z_Rd = backend.Allocate<double>(features.Rows, features.Columns);
    }

    /// <summary>c.</summary>
    public int Count { get; }

    /// <summary>M₀ = λ1 + I_past.</summary>
    /// <exception cref="SingularInformationException">It has no Cholesky factor in float64.</exception>
    public PrecisionMatrix Start => _start ??= FromLabelled();

    /// <summary>How often all pairs were gone through.</summary>
    public int Passes { get; private set; }

    /// <inheritdoc/>
    public override Batch Top(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        (Pair[] pairs, float[] gradient, _all) = EveryPairDesign.Choose(_features, _rewards, _labelled, Count, _ridge, _kinds);
        return new Batch(pairs, [.. gradient.Select(g => (double)g)], [], _all);
    }

    /// <inheritdoc/>
    public override Batch Optimise(IBatchOptimiser optimiser, SearchEffort effort) => optimiser.Choose(this, effort);

    /// <inheritdoc/>
    public override Batch Certify(Batch batch, double? efficiency, SearchEffort effort)
    {
        if (efficiency is not null)
        {
            throw new InputException(
                "An efficiency is proven beside listed candidates, not beside every pair of all responses; list or draw some.");
        }

        if (!batch.Values.Any(value => value > 0))
        {
            return batch with { Passes = Passes };
        }

        using WorkingList list = List(batch.Pairs, Start, batch.Pairs.Length);
        Certificate? certificate = Certify(list.Precision());
        return batch with { Certificate = certificate, Passes = Passes };
    }

    /// <summary>The best pairs at M that have no label, are of different answers and not among some, best first, and what no
    /// other's g exceeds there: −∞ where there is no other.</summary>
    /// <param name="precision">M.</param>
    /// <param name="without">Pairs left out, First &lt; Second.</param>
    /// <param name="length">How many at least, of as many as there are.</param>
    public (Pair[] Pairs, float[] Gradient, double Bound) Best(PrecisionMatrix precision, IReadOnlyCollection<Pair> without, int length)
    {
        _inverse_dd.CopyFrom(precision.InverseCholesky);
        _features.Owner.Whiten(_features, _inverse_dd, _z_Rd);
        long all = _features.Rows * (_features.Rows - 1L) / 2;
        HashSet<Pair> excluded = [.. _known, .. without];
        for (long k = Math.Min(all, Math.Max(length, 1L) + excluded.Count); ; k = Math.Min(all, 2 * k))
        {
            (Pair[] pairs, float[] g) = _features.Owner.AllPairsTop(_z_Rd, _rewards, (int)k);
            Passes++;
            int[] free = [
                .. Enumerable.Range(0, pairs.Length)
                    .Where(i => !excluded.Contains(pairs[i]) && EveryPairDesign.AreDifferent(_kinds, pairs[i]))];
            if (free.Length >= length || k == all)
            {
                return ([.. free.Select(i => pairs[i])], [.. free.Select(i => g[i])], k == all
                    ? double.NegativeInfinity : g[^1] * ConcaveBound.Raised);
            }
        }
    }

    /// <summary>Some pairs as candidates, in ascending order, so that equal ones go to the lower.</summary>
    public WorkingList List(IEnumerable<Pair> pairs, PrecisionMatrix start, int count) =>
        new([.. pairs.OrderBy(pair => pair.First).ThenBy(pair => pair.Second)], _features, _rewards, start, count);

    /// <summary>What no batch's log det M exceeds, from the tangent at a batch's M (one pass) and from all pairs together
    /// (<see cref="ConcaveBound"/>); null where no pair tells anything, so that all batches are alike.</summary>
    public Certificate? Certify(PrecisionMatrix precision)
    {
        float[] gradient = Best(precision, [], Count).Gradient;
        if (IsNothingTold(precision, gradient))
        {
            return null;
        }

        double sum = gradient.Take(Count).Sum(g => (double)g);
        double bound = Math.Min(ConcaveBound.Tangent(precision, Start, sum), ConcaveBound.OfAll(LogDetOfAll(), precision));
        return new Certificate(precision.LogDeterminant, bound, precision.Dimension, HasRelaxedLimits: false);
    }

    private PrecisionMatrix FromLabelled()
    {
        using PairGraph past = _features.Owner.Graph(_labelled, _features.Rows);
        using DeviceArray<float> v = FisherDesign.Variances(past, _rewards);
        return new PrecisionMatrix(_features.Columns, _ridge, FisherDesign.Information(past, _features, v));
    }

    // Not even all pairs together, each of them as good as the best, would change log det M₀ in float64.
    private bool IsNothingTold(PrecisionMatrix precision, float[] gradient)
    {
        double before = Start.LogDeterminant, most = gradient.Length == 0 ? 0 : gradient[0] * (_features.Rows * (_features.Rows - 1.0) / 2);
        return precision.LogDeterminant <= before && before + most <= before;
    }

    // M with all pairs: I_past has a labelled pair as often as it was labelled, so that all pairs beside it are more than those
    // without a label.
    private double LogDetOfAll()
    {
        if (_all is null && !_isAllSingular)
        {
            using DeviceArray<double> fisher = _features.Owner.Allocate<double>(_features.Columns, _features.Columns);
            _features.Owner.AllPairsInformation(_features, _rewards, fisher);
            try
            {
                _all = Start.Plus(fisher.ToArray());
            }
            catch (SingularInformationException)
            {
                // λ is lost beside the information of all pairs together: they bound nothing.
                _isAllSingular = true;
            }
        }

        return _all?.LogDeterminant ?? double.PositiveInfinity;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _inverse_dd.Dispose();
        _z_Rd.Dispose();
    }
}

/// <summary>Pairs as a problem of their own, with the arrays that it needs.</summary>
internal sealed class WorkingList : IDisposable
{
    private readonly PairGraph _graph;
    private readonly DeviceArray<float> _v;

    public WorkingList(Pair[] pairs, DeviceArray<float> features, DeviceArray<float> rewards, PrecisionMatrix start, int count)
    {
        _graph = features.Owner.Graph(pairs, features.Rows);
        _v = FisherDesign.Variances(_graph, rewards);
        Problem = new BatchProblem(_graph, features, _v, start, new BatchRequest(count));
    }

    public BatchProblem Problem { get; }

    /// <summary>M with all pairs of the list.</summary>
    public PrecisionMatrix Precision() => Problem.Precision([.. Enumerable.Range(0, Problem.Pairs.Length)]);

    /// <summary>The greedy batch.</summary>
    public GreedyBatch Greedy() => Problem.Features.Owner.Greedy(_graph, Problem.Features, _v, Problem.Start, Problem.Count);

    /// <summary>The pairs of these indices.</summary>
    public Pair[] Pairs(IEnumerable<int> indices) => [.. indices.Select(i => Problem.Pairs[i])];

    /// <summary>The indices of these pairs, ascending.</summary>
    public int[] IndicesOf(IReadOnlySet<Pair> pairs) =>
        [.. Enumerable.Range(0, Problem.Pairs.Length).Where(i => pairs.Contains(Problem.Pairs[i]))];

    /// <inheritdoc/>
    public void Dispose()
    {
        Problem.Dispose();
        _v.Dispose();
        _graph.Dispose();
    }
}
