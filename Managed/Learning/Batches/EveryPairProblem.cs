using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Batches;

/// <summary>Which c of all R(R − 1)/2 pairs without a label raise log det M most; none of them is listed but a working list of the best at some M (MATH.md §5, §6).</summary>
internal sealed class EveryPairProblem : IDisposable
{
    private readonly DeviceArray<float> _features, _rewards;
    private readonly DeviceArray<double> _inverse_dd, _z_Rd;
    private readonly Pair[] _labelled;
    private readonly HashSet<Pair> _known;
    private readonly double _ridge;

    public EveryPairProblem(DeviceArray<float> features, DeviceArray<float> rewards, ReadOnlySpan<Pair> labelled, int count, double ridge)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(rewards);
        long unlabelled = EveryPairDesign.Unlabelled(features.Rows, labelled);
        if (count < 0 || count > unlabelled)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"{unlabelled} pairs have no label.");
        }

        SequentialDesign.RequireFinite(features.ToArray(), features.Columns, "feature");
        SequentialDesign.RequireFinite(rewards.ToArray(), 1, "reward");
        (_features, _rewards, _labelled, _ridge, Count) = (features, rewards, labelled.ToArray(), ridge, count);
        _known = [.. _labelled.Select(EveryPairDesign.Ascending)];
        Backend backend = features.Owner;
        using PairGraph past = backend.Graph(labelled, features.Rows);
        using DeviceArray<float> v = FisherDesign.Variances(past, rewards);
        Start = new PrecisionMatrix(features.Columns, ridge, FisherDesign.Information(past, features, v));
        _inverse_dd = backend.Allocate<double>(features.Columns, features.Columns);
        _z_Rd = backend.Allocate<double>(features.Rows, features.Columns);
    }

    /// <summary>c.</summary>
    public int Count { get; }

    /// <summary>M₀ = λ1 + I_past.</summary>
    public PrecisionMatrix Start { get; }

    /// <summary>How often all pairs were gone through.</summary>
    public int Passes { get; private set; }

    /// <summary>The largest gradients where all pairs are in M.</summary>
    /// <exception cref="SingularInformationException">That M has no Cholesky factor in float64.</exception>
    public Pair[] Top() => EveryPairDesign.Choose(_features, _rewards, _labelled, Count, _ridge).Pairs;

    /// <summary>The best pairs at M that have no label and are not among some, best first, and what no other's g exceeds there: −∞ where there is no other.</summary>
    /// <param name="precision">M.</param>
    /// <param name="without">Pairs left out, First &lt; Second.</param>
    /// <param name="length">How many at least, of as many as there are.</param>
    public (Pair[] Pairs, float[] Gradient, double Bound) Best(PrecisionMatrix precision, IReadOnlyCollection<Pair> without, int length)
    {
        _inverse_dd.CopyFrom(precision.InverseCholesky);
        _features.Owner.Whiten(_features, _inverse_dd, _z_Rd);
        long all = _features.Rows * (_features.Rows - 1L) / 2;
        HashSet<Pair> barred = [.. _known, .. without];
        int k = (int)Math.Min(all, (long)length + barred.Count);
        (Pair[] pairs, float[] g) = _features.Owner.AllPairsTop(_z_Rd, _rewards, k);
        Passes++;
        int[] free = [.. Enumerable.Range(0, k).Where(i => !barred.Contains(pairs[i]))];
        return ([.. free.Select(i => pairs[i])], [.. free.Select(i => g[i])], k == all ? double.NegativeInfinity : g[^1] * ConcaveBound.Raised);
    }

    /// <summary>Some pairs as candidates, in ascending order, so that equal ones go to the lower.</summary>
    public WorkingList List(IEnumerable<Pair> pairs, PrecisionMatrix start, int count) =>
        new([.. pairs.OrderBy(pair => pair.First).ThenBy(pair => pair.Second)], _features, _rewards, start, count);

    /// <summary>What no batch's log det M exceeds, from the tangent at a batch's M: one pass (<see cref="ConcaveBound"/>).</summary>
    public Certificate Certify(PrecisionMatrix precision)
    {
        double sum = Best(precision, [], Count).Gradient.Take(Count).Sum(g => (double)g);
        return new Certificate(precision.LogDeterminant, ConcaveBound.Tangent(precision, Start, sum), precision.Dimension, HasRelaxedLimits: false);
    }

    /// <inheritdoc/>
    public void Dispose()
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
        Problem = new BatchProblem(_graph, features, _v, start, count);
    }

    public BatchProblem Problem { get; }

    /// <summary>The greedy batch.</summary>
    public GreedyBatch Greedy() => Problem.Features.Owner.Greedy(_graph, Problem.Features, _v, Problem.Start, Problem.Count);

    /// <summary>The pairs of these numbers.</summary>
    public Pair[] Pairs(IEnumerable<int> numbers) => [.. numbers.Select(i => Problem.Pairs[i])];

    /// <summary>The numbers of these pairs, ascending.</summary>
    public int[] Numbers(IReadOnlySet<Pair> pairs) => [.. Enumerable.Range(0, Problem.Pairs.Length).Where(i => pairs.Contains(Problem.Pairs[i]))];

    /// <inheritdoc/>
    public void Dispose()
    {
        Problem.Dispose();
        _v.Dispose();
        _graph.Dispose();
    }
}
