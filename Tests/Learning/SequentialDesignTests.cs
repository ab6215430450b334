using CsCheck;
using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Design;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>One pair at a time: by hand, against the definition computed anew for each label, and over thousands of labels.</summary>
public class SequentialDesignTests
{
    private static readonly Backend On = Backend.Open(BackendKind.Cpu);

    [OneTimeTearDown]
    public void Close() => On.Dispose();

    [Test]
    public void By_hand()
    {
        // δ = (−1, 0), (0, 2) and (−1, 2), v = ¼, M = ¾·1: g = δᵀδ/3. Then M = (1, −½; −½, 7/4), M⁻¹ = (7/6, 1/3; 1/3, 2/3);
        // then M = (1, −½; −½, 11/4), M⁻¹ = (11/10, 1/5; 1/5, 2/5).
        SequentialDesign design = Open([0, 0, 1, 0, 0, 2], 2, [0, 0, 0], [new(0, 1), new(2, 0), new(2, 1)], 0.75);

        Assert.That(design.Gradient.ToArray(), Is.EqualTo([1 / 3.0, 4 / 3.0, 5 / 3.0]).Within(1e-15));
        Assert.That(design.Query()!.Value with { Gain = 0 }, Is.EqualTo(new NextPair(2, new Pair(2, 1), 0)));
        Assert.That(design.Query()!.Value.Gain, Is.EqualTo(Math.Log(1 + 5 / 3.0)).Within(4).Ulps);
        design.Teach(2);
        Assert.That(design.Gradient.ToArray(), Is.EqualTo([7 / 24.0, 2 / 3.0, double.NaN]).Within(1e-15));
        Assert.That(design.Query()!.Value.Candidate, Is.EqualTo(1));
        Assert.That(design.Query()!.Value.Gain, Is.EqualTo(Math.Log(5 / 3.0)).Within(1e-15));
        design.Teach(1);
        Assert.That(design.Gradient[0], Is.EqualTo(11 / 40.0).Within(1e-15));
        design.Teach(0);
        Assert.That(design.Query(), Is.Null);
        Assert.That((design.Labelled, design.Count), Is.EqualTo((3, 3)));
    }

    [Test]
    public void What_is_labelled_already_counts()
    {
        // M = 1 + diag(3, 0): g = ¼·1/4 and ¼·1 for δ = (−1, 0) and (0, −1).
        SequentialDesign design = Open([0, 0, 1, 0, 0, 1], 2, [0, 0, 0], [new(0, 1), new(0, 2)], 1, [3, 0, 0, 0]);
        Assert.That(design.Gradient.ToArray(), Is.EqualTo([1 / 16.0, 1 / 4.0]).Within(1e-15));
    }

    [Test]
    public void Agrees_with_the_definition_after_every_label() =>
        Gen.Select(Gen.Int, Gen.Int[2, 20], Gen.Int[0, 9], Gen.Int[1, 40], Gen.OneOfConst(1e-4, 1.0), Gen.Bool).Sample(
            (seed, responses, d, n, ridge, obedient) =>
            {
                var problem = new Problem(seed, responses, d, n);
                SequentialDesign design = problem.Open(ridge);
                var random = new SeededRandom(seed);
                double start = new PrecisionMatrix(d, ridge, problem.Information).LogDeterminant, gains = 0;
                for (int label = 0; label < n; label++)
                {
                    double[] want = problem.Gradient(ridge), got = design.Gradient.ToArray();
                    double close = 1e-9 * want.Where(g => !double.IsNaN(g)).Max();
                    Assert.That(got, Is.EqualTo(want).Within(close));
                    NextPair best = design.Query()!.Value;
                    Assert.That(best.Candidate, Is.EqualTo(Enumerable.Range(0, n).Where(i => !double.IsNaN(got[i])).MaxBy(i => got[i])));
                    Assert.That(best.Pair, Is.EqualTo(problem.Pairs[best.Candidate]));
                    Assert.That(best.Gain, Is.EqualTo(Definition.LogOnePlus(want[best.Candidate])).Within(close));

                    // Answers may come in another order than they are asked for.
                    int candidate = obedient ? best.Candidate : random.NextBelow(n);
                    while (double.IsNaN(want[candidate]))
                    {
                        candidate = (candidate + 1) % n;
                    }

                    gains += Definition.LogOnePlus(got[candidate]);
                    design.Teach(candidate);
                    problem.Label(candidate);
                }

                // log det M grows by exactly what was promised, label by label.
                Assert.That(design.Query(), Is.Null);
                Assert.That(new PrecisionMatrix(d, ridge, problem.Information).LogDeterminant - start, Is.EqualTo(gains).Within(1e-8));
            }, iter: 150);

    [Test]
    public void Thousands_of_labels_leave_no_drift([Values(1e-6, 1)] double ridge)
    {
        // A common offset of the features is in no δ, and must not cost digits.
        const int D = 8, N = 4000;
        var problem = new Problem(3, 120, D, N, offset: 100);
        SequentialDesign design = problem.Open(ridge);
        for (int label = 1; label < N; label++)
        {
            int next = design.Query()!.Value.Candidate;
            design.Teach(next);
            problem.Label(next);
            if (label < 12 || label % 500 == 0 || label == N - 1)
            {
                double[] want = problem.Gradient(ridge);
                Assert.That(design.Gradient.ToArray(), Is.EqualTo(want)
                    .Within(1e-6 * want.Where(g => !double.IsNaN(g)).Max()), $"after {label} labels");
            }
        }
    }

    [Test]
    public void A_label_allocates_nothing()
    {
        var problem = new Problem(5, 60, 8, 1000);
        Run(problem.Open(1e-6), 1000);      // whatever is made once is made here
        SequentialDesign design = problem.Open(1e-6);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(design, 1000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(design.Labelled, Is.EqualTo(1000));

        static void Run(SequentialDesign design, int labels)
        {
            for (int label = 0; label < labels; label++)
            {
                design.Teach(design.Query()!.Value.Candidate);
            }
        }
    }

    [Test]
    public void Ties_go_to_the_lower_index()
    {
        // Four times the same pair, written both ways: each label leaves the others equal.
        SequentialDesign design =
            Open([0, 0.3f, 1.7f, 0.1f, 0, 0], 2, [0, 1, 0], [new(0, 2), new(0, 1), new(1, 0), new(0, 1), new(1, 0)], 0.1);
        foreach (int next in (int[])[1, 2, 3, 4])
        {
            Assert.That(design.Query()!.Value.Candidate, Is.EqualTo(next));
            design.Teach(next);
            Assert.That(design.Gradient.ToArray().Skip(1).Where(g => !double.IsNaN(g)).Distinct().Count(), Is.LessThan(2));
        }
    }

    [Test]
    public void Which_response_stands_first_changes_nothing() => Gen.Int.Sample(seed =>
    {
        var problem = new Problem(seed, 12, 5, 30);
        SequentialDesign one = problem.Open(0.01), other = problem.Open(0.01, turn: true);
        while (one.Query() is { } next)
        {
            Assert.That(other.Gradient.ToArray(), Is.EqualTo(one.Gradient.ToArray()));
            Assert.That(other.Query(), Is.EqualTo(next with { Pair = new(next.Pair.Second, next.Pair.First) }));
            one.Teach(next.Candidate);
            other.Teach(next.Candidate);
        }
    }, iter: 20);

    [Test]
    public void Nothing_to_ask()
    {
        SequentialDesign design = Open([], 3, [], [], 1);
        Assert.That(design.Query(), Is.Null);
        Assert.That(() => design.Teach(0),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith("There are 0 candidates, numbered from 0."));
    }

    [Test]
    public void Without_features_nothing_is_gained()
    {
        SequentialDesign design = Open([], 0, [0, 1], [new(0, 1), new(1, 0)], 1);
        Assert.That(design.Query(), Is.EqualTo(new NextPair(0, new Pair(0, 1), 0)));
        design.Teach(0);
        Assert.That(design.Query(), Is.EqualTo(new NextPair(1, new Pair(1, 0), 0)));
    }

    [Test]
    public void A_candidate_is_labelled_once()
    {
        SequentialDesign design = Open([0, 1, 2], 1, [0, 0, 0], [new(0, 1), new(1, 2)], 1);
        design.Teach(1);
        Assert.That(() => design.Teach(1), Throws.ArgumentException.With.Message.StartsWith(
            "Candidate 1 has a label already; a pair that may be asked twice is listed twice."));
        Assert.That(() => design.Teach(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(design.Labelled, Is.EqualTo(1));
    }

    [Test]
    public void Numbers_must_be_finite()
    {
        Assert.That(() =>
            Open([0, 0, 1, float.NaN], 2, [0, 0], [new(0, 1)], 1), Throws.InstanceOf<InputException>().With.Message.StartsWith(
            "Response 1 has the feature NaN; all must be finite."));
        Assert.That(() =>
            Open([0, 1], 1, [float.PositiveInfinity, 0], [new(0, 1)], 1), Throws.InstanceOf<InputException>().With.Message.StartsWith(
            "Response 0 has the reward Infinity; all must be finite."));
    }

    [Test]
    public void Sizes_must_fit()
    {
        Assert.That(() => Open([0, 1, 2], 1, [0, 0], [new(0, 1)], 1), Throws.ArgumentException.With.Message.StartsWith(
            "features has 3 rows, the candidates are pairs of 2 responses."));
        Assert.That(() => Open([0, 1], 1, [0, 0], [new(0, 1)], 1, [1, 2]), Throws.ArgumentException);
    }

    [Test]
    public void Without_a_ridge_something_must_be_known()
    {
        Assert.That(() => Open([0, 1], 1, [0, 0], [new(0, 1)], 0), Throws.InstanceOf<SingularInformationException>());
        Assert.That(Open([0, 1], 1, [0, 0], [new(0, 1)], 0, [1]).Query()!.Value.Gain, Is.EqualTo(Math.Log(1.25)).Within(1e-15));
    }

    [Test]
    public void A_ridge_that_float64_cannot_hold_beside_a_label_is_refused()
    {
        // M = diag(2500, 1e-13), and the pairs left are along the first axis only.
        SequentialDesign design = Open([0, 0, 100, 0, 50, 0], 2, [0, 0, 0], [new(0, 1), new(0, 2)], 1e-13);
        Assert.That(Assert.Throws<SingularInformationException>(() => design.Teach(0))!.Rank, Is.EqualTo(1));
    }

    private static SequentialDesign Open(float[] phi, int d, float[] rewards, Pair[] pairs, double ridge, double[]? past = null)
    {
        using DeviceArray<float> features = On.Upload<float>(phi, d == 0 ? rewards.Length : phi.Length / d, d);
        using DeviceArray<float> r = On.Upload<float>(rewards, rewards.Length);
        using PairGraph graph = On.Graph(pairs, rewards.Length);
        return new SequentialDesign(graph, features, r, past, ridge);
    }

    /// <summary>A drawn problem, and the same from the definitions: nothing is carried from one label to the next but the sum of
    /// information.</summary>
    private sealed class Problem
    {
        private readonly float[] _features, _rewards;
        private readonly double[] _phi, _v;
        private readonly bool[] _labelled;
        private readonly int _d;

        public Problem(int seed, int responses, int d, int n, float offset = 0)
        {
            var draw = new Draw(seed);
            (_d, Pairs) = (d, draw.Pairs(n, responses));
            _features = [.. draw.Uniform(responses, d).Numbers.Select(x => x + offset)];
            _rewards = draw.Wide(responses, 1, 3).Numbers;
            _phi = [.. _features.Select(x => (double)x)];
            using DeviceArray<float> r_R = On.Upload<float>(_rewards, responses);
            using PairGraph graph = On.Graph(Pairs, responses);
            using DeviceArray<float> v_n = FisherDesign.Variances(graph, r_R);
            _v = [.. v_n.ToArray().Select(v => (double)v)];
            _labelled = new bool[n];
            Information = Definition.Information(draw.Pairs(3, responses), _phi, [1, 1, 1], d);
            Past = [.. Information];
        }

        public Pair[] Pairs { get; }

        public double[] Past { get; }

        public double[] Information { get; }

        public SequentialDesign Open(double ridge, bool turn = false) => SequentialDesignTests.Open(
            _features, _d, _rewards, turn ? [.. Pairs.Select(pair => new Pair(pair.Second, pair.First))] : Pairs, ridge, Past);

        public void Label(int candidate)
        {
            _labelled[candidate] = true;
            double[] more = Definition.Information([Pairs[candidate]], _phi, [_v[candidate]], _d);
            for (int j = 0; j < more.Length; j++)
            {
                Information[j] += more[j];
            }
        }

        public double[] Gradient(double ridge)
        {
            var precision = new PrecisionMatrix(_d, ridge, Information);
            double[] z = Definition.Whiten(_phi, precision.InverseCholesky.ToArray(), _rewards.Length, _d);
            return [.. Definition.LogDetGradient(Pairs, z, _v, _d).Select((g, i) => _labelled[i] ? double.NaN : g)];
        }
    }
}
