using CsCheck;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Batches;
using FisherKernels.Tests.Reference;

namespace FisherKernels.Tests.Learning;

/// <summary>What a drawn batch may hold.</summary>
public enum Limited
{
    No,
    OneKind,
    TwoKinds,
    Barred,
    Required,
    Paid,
    All,
}

/// <summary>n, c, d and the rest of a drawn problem.</summary>
internal sealed record BatchesShape(int Seed, int N, int C, int D, double Ridge, Limited Limited);

/// <summary>A drawn problem with duplicates, pairs of v = 0 and limits, and what must hold of its batches by definition.</summary>
internal sealed class BatchesPool : IDisposable
{
    /// <summary>So small that every batch can be looked at.</summary>
    public static readonly Gen<BatchesShape> Small = Gen.Select(
        Gen.Int, Gen.Int[0, 12], Gen.Int[0, 5], Gen.Int[0, 4], Gen.OneOfConst(1e-6, 1e-3, 1.0), Gen.Enum<Limited>(),
        (seed, n, c, d, ridge, limited) => new BatchesShape(seed, n, Math.Min(c, n), d, ridge, limited));

    /// <summary>Pairs enough for a choice.</summary>
    public static readonly Gen<BatchesShape> Middle = Gen.Select(
        Gen.Int, Gen.Int[20, 80], Gen.Int[1, 15], Gen.Int[1, 6], Gen.OneOfConst(1e-6, 1e-3, 1.0), Gen.Enum<Limited>(),
        (seed, n, c, d, ridge, limited) => new BatchesShape(seed, n, c, d, ridge, limited));

    private readonly PairGraph _graph;
    private readonly DeviceArray<float> _phi, _v;
    private readonly double[] _wide;

    public BatchesPool(Backend on, BatchesShape shape, int responses = 10)
    {
        Shape = shape;
        var random = new SeededRandom(shape.Seed);
        float[] phi = [.. Enumerable.Range(0, responses * shape.D).Select(_ => (float)random.NextNormal())];
        (Pairs, V) = (new Pair[shape.N], new float[shape.N]);
        for (int i = 0; i < shape.N; i++)
        {
            int a = random.NextBelow(responses), b = (a + 1 + random.NextBelow(responses - 1)) % responses, twin = random.NextBelow(i + 1);
            bool isTwin = random.NextBelow(5) == 0 && twin < i;
            float v = random.NextBelow(6) == 0 ? 0 : (float)(0.25 * random.NextUniform());
            (Pairs[i], V[i]) = isTwin ? (new Pair(Pairs[twin].Second, Pairs[twin].First), V[twin]) : (new Pair(a, b), v);
        }

        Start = new PrecisionMatrix(shape.D, shape.Ridge, random.NextBelow(2) == 0
            ? new double[shape.D * shape.D]
            : Definition.Information([new(0, 1), new(1, 2)], Wide(phi), [0.2, 0.1], shape.D));
        (Limits, Required) = Draw(random);
        _wide = Wide(phi);
        (_graph, _phi, _v) = (on.Graph(Pairs, responses), on.Upload<float>(phi, responses, shape.D), on.Upload<float>(V, shape.N));
        Problem = new BatchProblem(_graph, _phi, _v, Start, new BatchRequest(shape.C) { Limits = Limits, Required = Required });
    }

    public BatchesShape Shape { get; }

    public Pair[] Pairs { get; }

    public float[] V { get; }

    public PrecisionMatrix Start { get; }

    public PairLimits? Limits { get; }

    public int[] Required { get; }

    public BatchProblem Problem { get; }

    /// <summary>M of weights w, from the sum.</summary>
    public PrecisionMatrix Precision(double[] w) => new(
        Shape.D, 0, Start.Precision.ToArray(), Definition.Information(Pairs, _wide, [.. w.Select((weight, i) => weight * V[i])], Shape.D));

    /// <summary>log det M of a batch, from the sum.</summary>
    public double LogDet(IEnumerable<int> numbers) => new PrecisionMatrix(
        Shape.D, 0, Start.Precision.ToArray(),
        Definition.Information([.. numbers.Select(i => Pairs[i])], _wide, [.. numbers.Select(i => (double)V[i])], Shape.D)).LogDeterminant;

    public double LogDet(double[] w) => Precision(w).LogDeterminant;

    /// <summary>δ of a pair.</summary>
    public double[] Delta(int i) =>
        [.. Enumerable.Range(0, Shape.D).Select(j => _wide[Pairs[i].First * Shape.D + j] - _wide[Pairs[i].Second * Shape.D + j])];

    public double Cost(int i) => Limits?.Costs?[i] ?? 1;

    public int[] Groups(int i)
    {
        int kinds = (Limits?.Groups.Count ?? 0) / Shape.N;
        return [.. Enumerable.Range(i * kinds, kinds).Select(k => Limits!.Groups[k]).Where(group => group >= 0).Distinct()];
    }

    /// <summary>Whether a batch has at most c pairs, each once, and keeps caps and budget; of the pairs that must be in nothing is
    /// asked.</summary>
    public bool KeepsLimits(IReadOnlyCollection<int> numbers) =>
        numbers.Count <= Shape.C && numbers.Distinct().Count() == numbers.Count
        && numbers.SelectMany(Groups).CountBy(group => group).All(group => group.Value <= Limits!.Caps[group.Key])
        && (Limits?.Costs is null || numbers.Sum(Cost) <= Limits.Budget * (1 + 1e-11));

    /// <summary>Every batch that keeps the limits and holds what must be in, full or not.</summary>
    public IEnumerable<int[]> All() => Further([.. Required], 0);

    /// <summary>The largest log det M of any batch.</summary>
    public double Best() => All().Max(numbers => LogDet(numbers));

    /// <summary>Whether nothing tells two pairs apart.</summary>
    public bool AreAlike(int i, int j) => (Pairs[i] == Pairs[j] || Pairs[i] == new Pair(Pairs[j].Second, Pairs[j].First))
        && V[i] == V[j] && Cost(i) == Cost(j) && Groups(i).SequenceEqual(Groups(j));

    public void Dispose()
    {
        Problem.Dispose();
        _graph.Dispose();
        _phi.Dispose();
        _v.Dispose();
    }

    public override string ToString() => $"{Shape}, must {string.Join(' ', Required)}";

    private static double[] Wide(float[] numbers) => [.. numbers.Select(number => (double)number)];

    private IEnumerable<int[]> Further(int[] taken, int from)
    {
        yield return taken;
        for (int i = from; i < Shape.N && taken.Length < Shape.C; i++)
        {
            int[] more = [.. taken, i];
            if (!Required.Contains(i) && KeepsLimits(more))
            {
                foreach (int[] batch in Further(more, i + 1))
                {
                    yield return batch;
                }
            }
        }
    }

    private (PairLimits? Limits, int[] Required) Draw(SeededRandom random)
    {
        int n = Shape.N,
            kinds = Shape.Limited switch { Limited.OneKind or Limited.Barred => 1, Limited.TwoKinds or Limited.All => 2, _ => 0 };
        int[] groups = [.. Enumerable.Range(0, n * kinds).Select(_ => random.NextBelow(5) - 1)];
        int[] caps = [
            .. Enumerable.Range(0, kinds == 0 ? 0 : 4)
                .Select(group => Shape.Limited == Limited.Barred ? group == 0 ? 0 : n : random.NextBelow(4))];
        bool isPaid = Shape.Limited is Limited.Paid or Limited.All;
        double[]? costs = isPaid ? [.. Enumerable.Range(0, n).Select(_ => (float)(0.5 + 2 * random.NextUniform()))] : null;
        PairLimits? limits = kinds == 0 && !isPaid ? null : new PairLimits(groups, caps, costs, Shape.C * 1.5 * random.NextUniform());
        var must = new List<int>();
        var quota = new PairQuota(limits, n);
        for (int tries = 0; Shape.Limited is Limited.Required or Limited.All && n > 0 && tries < 2; tries++)
        {
            int i = random.NextBelow(n);
            if (must.Count < Shape.C && !must.Contains(i) && quota.Allows(i))
            {
                quota.Take(i);
                must.Add(i);
            }
        }

        return (limits, [.. must]);
    }
}
