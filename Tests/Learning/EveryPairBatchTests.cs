using CsCheck;
using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Design;
using FisherKernels.Learning.Selection;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>Batches of every pair without a list: by hand, and against brute force over the list by definition.</summary>
public class EveryPairBatchTests
{
    private static readonly Backend On = Backend.Open(BackendKind.Cpu);

    // So short that most pairs are on no list, and that not.
    private static readonly ListLengths[] Lengths = [new(1, 1, 64), new(3, 2, 4096), new(20, 8, 8), new()];

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void By_hand()
    {
        // Features 0, 1 and 3 of one dimension, v = ¼, λ = ½: (0, 2) gives M = ½ + 9/4, then (1, 2) one more. At M = 15/4 the best two
        // g sum to (9 + 4)/15 = 1 − ½/(15/4): no two pairs do better.
        using var phi = On.Upload<float>([0, 1, 3], 3, 1);
        using var r = On.Allocate<float>(3);
        foreach (Batch batch in (Batch[])[Chosen("padopt+greedy", phi, r, [], 2, 0.5), Chosen("padopt+exchange", phi, r, [], 2, 0.5)])
        {
            Assert.That(batch.Pairs, Is.EqualTo((Pair[])[new(0, 2), new(1, 2)]));
            Assert.That(batch.Values, Is.EqualTo([Math.Log(5.5), Math.Log(15 / 11.0)]).Within(1e-14));
            Assert.That(Proven(batch).LogDet, Is.EqualTo(Math.Log(3.75)).Within(1e-14));
            Assert.That(Proven(batch).Efficiency, Is.EqualTo(1).Within(1e-6));
        }

        // (0, 2) labelled twice: M₀ = ½ + 9/2.
        Batch rest = Chosen("padopt+greedy", phi, r, [new(0, 2), new(2, 0)], 2, 0.5);
        Assert.That(rest.Pairs, Is.EqualTo((Pair[])[new(1, 2), new(0, 1)]));
        Assert.That(rest.Values, Is.EqualTo([Math.Log(6 / 5.0), Math.Log(25 / 24.0)]).Within(1e-14));
    }

    [Test]
    public void Greedy_takes_the_best_of_all_pairs_each_time() => Cases(12).Sample(
        (seed, responses, d, labels, ridge, list) =>
            SameAsByDefinition(new Problem(seed, responses, d, labels, ridge), 9, Lengths[list]), iter: 200, threads: 1);

    [Test]
    public void Greedy_takes_the_best_of_more_pairs_than_a_list_holds([Values(0, 40)] int labels) =>
        SameAsByDefinition(new Problem(5, 90, 5, labels, 1e-6), 60, new ListLengths());

    [Test]
    public void No_exchange_for_any_other_pair_would_help() => Cases(12).Sample((seed, responses, d, labels, ridge, list) =>
    {
        using var problem = new Problem(seed, responses, d, labels, ridge);
        int count = Math.Min(6, problem.Open.Length);
        Batch batch = problem.Exchange(count, Lengths[list]);
        Assert.That(Proven(batch).LogDet, Is.GreaterThanOrEqualTo(Proven(problem.Greedy(count, Lengths[list])).LogDet - 1e-9));
        Assert.That(IsOptimum(problem, batch) || !batch.IsLocalOptimum);
        Assert.That(batch.IsLocalOptimum || Lengths[list].Longest < 64, "a list of all pairs leaves nothing open");
    }, iter: 200, threads: 1);

    [Test]
    public void A_list_that_is_too_short_proves_nothing()
    {
        int open = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            using var problem = new Problem(seed, 14, 4, 0, 1e-6);
            Batch cut = problem.Exchange(7, new ListLengths(Exchange: 1, Longest: 1)),
                whole = problem.Exchange(7, new ListLengths(Exchange: 1));
            bool isOptimum = IsOptimum(problem, cut);
            open += isOptimum ? 0 : 1;
            Assert.That(isOptimum || !cut.IsLocalOptimum, $"seed {seed}");
            Assert.That(whole.IsLocalOptimum && IsOptimum(problem, whole), $"seed {seed}");
        }

        Assert.That(open, Is.Positive);
    }

    [Test]
    public void The_certificate_is_never_below_the_best_batch() => Cases(5).Sample((seed, responses, d, labels, ridge, list) =>
    {
        using var problem = new Problem(seed, responses, d, labels % 4, ridge);
        int count = Math.Min(3, problem.Open.Length);
        double best = Subsets(problem.Open, count).Max(problem.LogDeterminant);
        foreach (Batch batch in (Batch[])[problem.Greedy(count, Lengths[list]), problem.Exchange(count, Lengths[list])])
        {
            Assert.That(batch.Pairs, Is.Unique.And.SubsetOf(problem.Open));
            Assert.That(Proven(batch).LogDet, Is.EqualTo(problem.LogDeterminant(batch.Pairs)).Within(1e-8));
            Assert.That(Proven(batch).UpperBound, Is.GreaterThanOrEqualTo(best - 1e-9));
        }
    }, iter: 150, threads: 1);

    [Test]
    public void The_number_of_threads_changes_nothing()
    {
        using Backend one = Backend.Open(BackendKind.Cpu, 1), two = Backend.Open(BackendKind.Cpu, 2);
        using Problem here = new(3, 150, 6, 30, 1e-6, one), there = new(3, 150, 6, 30, 1e-6, two);
        foreach (ListLengths lengths in Lengths)
        {
            Batch a = here.Exchange(40, lengths), b = there.Exchange(40, lengths);
            Assert.That(b.Pairs, Is.EqualTo(a.Pairs));
            Assert.That(b.Values, Is.EqualTo(a.Values));
            Assert.That((b.Certificate, b.Passes, b.IsLocalOptimum), Is.EqualTo((a.Certificate, a.Passes, a.IsLocalOptimum)));
        }
    }

    [Test]
    public void All_pairs_that_there_are([Values(0, 1, 2, 3, 9)] int responses, [Values(0, 2)] int d)
    {
        using var problem = new Problem(2, responses, d, 2, 0.1);
        foreach (Batch batch in (Batch[])[
            problem.Greedy(problem.Open.Length, Lengths[1]), problem.Exchange(problem.Open.Length, Lengths[1])])
        {
            Assert.That(batch.Pairs, Is.EquivalentTo(problem.Open));
            Assert.That(Proven(batch).LogDet, Is.EqualTo(problem.LogDeterminant(problem.Open)).Within(1e-9));
            Assert.That(Proven(batch).Efficiency, Is.EqualTo(1).Within(1e-5));
        }
    }

    [Test]
    public void Where_nothing_is_gained_the_first_pairs_are_taken()
    {
        using var phi = On.Upload<float>([.. Enumerable.Repeat(1f, 80)], 40, 2);
        using var r = On.Allocate<float>(40);
        using var problem = new EveryPairProblem(phi, r, [new(2, 0)], 5, 1);
        Batch batch = EveryPairBatches.Greedy(problem, new SearchEffort(), new ListLengths(2));
        Assert.That(batch.Pairs, Is.EqualTo((Pair[])[new(0, 1), new(0, 3), new(0, 4), new(0, 5), new(0, 6)]));
        Assert.That(batch.Values, Is.EqualTo(new double[5]));
    }

    [TestCase(1e-20f)]
    [TestCase(0)]
    public void Nothing_is_certified_where_no_pair_tells_anything(float size)
    {
        using var phi = On.Upload<float>([.. Enumerable.Range(0, 80).Select(j => size * MathF.Sin(j * j))], 40, 2);
        using var r = On.Allocate<float>(40);
        foreach (Pair[] labelled in (Pair[][])[[], [new(2, 0), new(3, 7)]])
        {
            Assert.That(Chosen("padopt+greedy", phi, r, labelled, 5).Certificate, Is.Null);
            Assert.That(Chosen("padopt+exchange", phi, r, labelled, 5).Certificate, Is.Null);
            Assert.That(Chosen("padopt", phi, r, labelled, 5).Certificate, Is.Null);
        }
    }

    [Test]
    public void It_can_be_cancelled()
    {
        using var problem = new Problem(1, 20, 3, 0, 1);
        var effort = new SearchEffort(CancellationToken: new CancellationToken(canceled: true));
        Assert.That(() =>
            Chosen("padopt+greedy", problem.Phi, problem.R, [], 5, 1, effort), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() =>
            Chosen("padopt+exchange", problem.Phi, problem.R, [], 5, 1, effort), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Without_time_the_greedy_batch_stays_and_nothing_is_said_of_exchanges()
    {
        using var problem = new Problem(1, 20, 3, 0, 1);
        Batch batch = Chosen("padopt+exchange", problem.Phi, problem.R, [], 8, 1, new SearchEffort(TimeSpan.Zero));
        Assert.That(batch.Pairs, Is.EqualTo(Chosen("padopt+greedy", problem.Phi, problem.R, [], 8, 1).Pairs));
        Assert.That(batch.IsLocalOptimum, Is.False);
    }

    [Test]
    public void Bad_input_is_refused()
    {
        using var phi = On.Upload<float>([0, 1, float.NaN, 2], 4, 1);
        using var r = On.Allocate<float>(4);
        Assert.That(() => Chosen("padopt+greedy", phi, r, [], 7), Throws.InstanceOf<InputException>());
        Assert.That(() => Chosen("padopt+greedy", phi, r, [], 2), Throws.InstanceOf<InputException>());
        using var whole = On.Upload<float>([0, 1, 3, 2], 4, 1);
        Assert.That(() => Chosen("padopt+exchange", whole, r, [], 2, ridge: 0), Throws.InstanceOf<SingularInformationException>());
    }

    // By the name of a strategy, with its certificate.
    private static Batch Chosen(
        string name, DeviceArray<float> phi, DeviceArray<float> r, Pair[] labelled, int count, double ridge = 1e-6,
            SearchEffort? effort = null)
    {
        var strategy = Strategy.Parse(name);
        using var problem = CandidateProblem.ForEveryPair(phi, r, labelled, ridge: ridge);
        BatchRequest request = new(count) { Effort = effort ?? new SearchEffort() };
        return strategy.Certify(problem, strategy.Select(problem, request), request);
    }

    private static Gen<(int Seed, int Responses, int D, int Labels, double Ridge, int List)> Cases(int mostResponses) => Gen.Select(
        Gen.Int, Gen.Int[2, mostResponses], Gen.Int[1, 5], Gen.OneOf(Gen.Const(0), Gen.Int[1, 25]), Gen.OneOfConst(1e-6, 1e-2, 1),
        Gen.Int[0, Lengths.Length - 1]);

    // To two units of a float32 g below 1, and the tolerance.
    private static bool IsOptimum(Problem problem, Batch batch) => !Enumerable.Range(0, batch.Pairs.Length).Any(k =>
        problem.Open.Except(batch.Pairs)
            .Any(pair => problem.LogDeterminant([.. batch.Pairs.Where((_, i) => i != k), pair]) > Proven(batch).LogDet + 3e-7));

    // Without a certificate all batches are alike.
    private static Certificate Proven(Batch batch) =>
        batch.Certificate
            ?? new Certificate(batch.Precision!.LogDeterminant, batch.Precision!.LogDeterminant, batch.Precision!.Dimension, false);

    private static IEnumerable<Pair[]> Subsets(Pair[] of, int count) => count == 0
        ? [[]]
        : Enumerable.Range(0, of.Length).SelectMany(i => Subsets(of[(i + 1)..], count - 1).Select(rest => (Pair[])[of[i], .. rest]));

    private static void SameAsByDefinition(Problem problem, int most, ListLengths lengths)
    {
        using (problem)
        {
            int count = Math.Min(most, problem.Open.Length);
            (Pair[] want, bool isClear) = problem.GreedyByDefinition(count);
            Batch got = problem.Greedy(count, lengths);
            double greedy = problem.LogDeterminant(want);
            Assert.That(Proven(got).LogDet, Is.EqualTo(problem.LogDeterminant(got.Pairs)).Within(1e-8));
            Assert.That(got.Values.Sum(), Is.EqualTo(Proven(got).LogDet - problem.LogDeterminant([])).Within(1e-8));
            Pair[] top = EveryPairDesign.Choose(problem.Phi, problem.R, problem.Labelled, count, problem.Ridge).Pairs;
            if (problem.LogDeterminant(top) > greedy - 1e-9 && !top.ToHashSet().SetEquals(want))
            {
                Assert.That(Proven(got).LogDet, Is.EqualTo(problem.LogDeterminant(top)).Within(1e-8));
            }
            else if (isClear)
            {
                Assert.That(got.Pairs, Is.EqualTo(want));
            }
        }
    }

    /// <summary>A drawn problem in which some responses are there twice, and brute force over the list of its pairs.</summary>
    private sealed class Problem : IDisposable
    {
        private readonly int _d;
        private readonly double[] _phi, _past;
        private readonly float[] _rewards;

        public Problem(int seed, int responses, int d, int labels, double ridge, Backend? on = null)
        {
            var draw = new Draw(seed);
            (_d, Ridge, Labelled) = (d, ridge, draw.Pairs(labels, responses));
            float[] phi = draw.Uniform(responses, d).Numbers, rewards = draw.Wide(responses, 1, 3).Numbers;
            for (int a = 3; a < responses; a += 4)
            {
                phi.AsSpan((a - 3) * d, d).CopyTo(phi.AsSpan(a * d));
                rewards[a] = rewards[a - 3];
            }

            (_phi, _rewards) = ([.. phi.Select(x => (double)x)], rewards);
            Phi = (on ?? On).Upload<float>(phi, responses, d);
            R = (on ?? On).Upload<float>(rewards, responses);
            Open = [.. Definition.AllPairs(responses)
                .Where(pair => !Labelled.Contains(pair) && !Labelled.Contains(new(pair.Second, pair.First)))];
            _past = Definition.Information(Labelled, _phi, V(Labelled), d);
        }

        public DeviceArray<float> Phi { get; }

        public DeviceArray<float> R { get; }

        public Pair[] Labelled { get; }

        public Pair[] Open { get; }

        public double Ridge { get; }

        public Batch Greedy(int count, ListLengths lengths)
        {
            using var problem = new EveryPairProblem(Phi, R, Labelled, count, Ridge);
            return problem.Certify(EveryPairBatches.Greedy(problem, new SearchEffort(), lengths), null, new SearchEffort());
        }

        public Batch Exchange(int count, ListLengths lengths)
        {
            using var problem = new EveryPairProblem(Phi, R, Labelled, count, Ridge);
            return problem.Certify(EveryPairBatches.Exchange(problem, new SearchEffort(), lengths), null, new SearchEffort());
        }

        public double LogDeterminant(Pair[] batch) => Precision(batch).LogDeterminant;

        // Equal gains to the lower pair; clear where no two others are closer than float32 tells apart.
        public (Pair[] Pairs, bool IsClear) GreedyByDefinition(int count)
        {
            var chosen = new List<Pair>();
            bool isClear = true;
            while (chosen.Count < count)
            {
                Pair[] left = [.. Open.Except(chosen)];
                double[] z = Definition.Whiten(_phi, Precision([.. chosen]).InverseCholesky.ToArray(), _rewards.Length, _d);
                double[] g = Definition.LogDetGradient(left, z, V(left), _d);
                double most = g.Max();
                isClear &= !g.Any(other => other < most * (1 - 1e-9) && other > most * (1 - 1e-6));
                chosen.Add(left[Array.FindIndex(g, gain => gain >= most * (1 - 1e-9))]);
            }

            return ([.. chosen], isClear);
        }

        public void Dispose()
        {
            Phi.Dispose();
            R.Dispose();
        }

        // As the candidates have them: float32.
        private double[] V(Pair[] pairs)
        {
            using DeviceArray<float> r = On.Upload<float>(_rewards, _rewards.Length);
            using PairGraph graph = On.Graph(pairs, _rewards.Length);
            using DeviceArray<float> v = FisherDesign.Variances(graph, r);
            return [.. v.ToArray().Select(x => (double)x)];
        }

        private PrecisionMatrix Precision(Pair[] batch) =>
            new(_d, Ridge, _past, Definition.Information(batch, _phi, V(batch), _d));
    }
}
