using CsCheck;
using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Cpu;
using FisherKernels.Tests.Golden;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>The best pairs, from arrays and from plain memory, are those that the operations give one after the other, bit for
/// bit.</summary>
public sealed class SelectorTests
{
    private readonly OpenDevices _devices = new();

    // Ties, all of them, none; whole panels and lines of the factor and one less and more; one past what one group's shared memory holds
    // of M,
    // and one past what one group factors, which on the emulator is 64.
    public static IEnumerable<TestCaseData> DeviceSizes =>
        from kind in new[] { BackendKind.Emulator, BackendKind.OpenCl, BackendKind.Cuda }
        from size in new[]
        {
            (0, 1, 0, 0), (2, 1, 1, 1), (3, 0, 9, 4), (33, 17, 1025, 500), (40, 33, 2049, 2049), (9, 2, 9, 4), (9, 3, 9, 4), (9, 4, 9, 4),
            (7, 31, 12, 5), (7, 32, 12, 5), (7, 63, 12, 5), (7, 64, 12, 5), (7, 65, 12, 5), (7, 96, 12, 5), (7, 97, 12, 5), (7, 128, 12, 5),
            (5, 256, 6, 3), (5, 257, 6, 3),
        }
        // One path for both on the emulator, and a minute of it for each.
        where kind != BackendKind.Emulator || size.Item2 is not (128 or 256)
        select new TestCaseData(kind, size.Item1, size.Item2, size.Item3, size.Item4);

    [OneTimeTearDown]
    public void Close() => _devices.Dispose();

    [Test]
    public void By_hand([Values(BackendKind.Cpu, BackendKind.Emulator, BackendKind.OpenCl, BackendKind.Cuda)] BackendKind kind)
    {
        // d = 1, equal rewards: v = ¼; δ = 1, 2, 1: I = ¼(1 + 4 + 1) = 3/2, M = ½ + 3/2 + 2 = 4; g = v δ²/M = 1/16, 1/4, 1/16.
        using DOptimalSelector selector = _devices.Get(kind).CreateSelector();
        var best = new int[3];
        var g = new float[3];

        double logDeterminant = selector.Select([0, 1, 2], 1, [5, 5, 5], [new(0, 1), new(0, 2), new(2, 1)], past: [2], ridge: 0.5, best, g);

        Assert.That(best, Is.EqualTo([1, 0, 2]));
        Assert.That(g, Is.EqualTo([0.25f, 0.0625f, 0.0625f]));
        Assert.That(logDeterminant, Is.EqualTo(Math.Log(4)).Within(1e-15));
    }

    // One past a block of pairs, of responses, of rows and of vectors; nothing at all.
    [TestCase(0, 0, 0, 0)]
    [TestCase(0, 3, 0, 0)]
    [TestCase(1, 2, 0, 0)]
    [TestCase(2, 0, 9, 4)]
    [TestCase(2, 1, 1, 1)]
    [TestCase(3, 1, 17, 17)]
    [TestCase(33, 17, 1025, 500)]
    [TestCase(257, 63, 1024, 33)]
    [TestCase(257, 64, 2049, 0)]
    [TestCase(513, 65, 3000, 3000)]
    [TestCase(1000, 130, 5003, 500)]
    public void Sizes(int responses, int d, int n, int k)
    {
        var draw = new Draw(3);
        var problem =
            new Problem(draw.Uniform(responses, d).Numbers, d, draw.Uniform(responses).Numbers, draw.Pairs(n, responses), [], 1e-3, k);
        Agrees(BackendKind.Cpu, problem);
        if (responses * d < 5000)
        {
            Agrees(BackendKind.Emulator, problem);
        }
    }

    [TestCaseSource(nameof(DeviceSizes))]
    public void Sizes_on_a_device(BackendKind kind, int responses, int d, int n, int k)
    {
        var draw = new Draw(6);
        double[] past = [.. Enumerable.Range(0, d * d).Select(j => j % (d + 1) == 0 ? 3.0 : 0.25)];
        Pair[] pairs = draw.Pairs(n, responses);
        float[] r = draw.Uniform(responses).Numbers;
        Agrees(kind, new Problem(draw.Uniform(responses, d).Numbers, d, r, pairs, past, 1e-3, k));
        Agrees(kind, new Problem(draw.Whole(responses, d).Numbers, d, r, pairs, [], 1e-3, k));
    }

    [Test]
    public void Random_problems_with_a_past_and_without() =>
        (from d in Gen.Int[1, 70]
         from responses in Gen.Int[2, 60]
         from n in Gen.Int[0, 300]
         from k in Gen.Int[0, n]
         from whole in Gen.Bool
         from past in Gen.Bool
         from seed in Gen.Int[0, 1000]
         select (d, responses, n, k, whole, past, seed)).Sample(
            sample =>
            {
                // Whole numbers: responses that are equal, features that never vary, ties.
                var draw = new Draw(sample.seed);
                Matrix<float> phi = sample.whole ? draw.Whole(sample.responses, sample.d) : draw.Uniform(sample.responses, sample.d);
                float[] r = sample.whole ? draw.Whole(sample.responses).Numbers : draw.Uniform(sample.responses).Numbers;
                double[] past = sample.past
                    ? [.. Enumerable.Range(0, sample.d * sample.d).Select(j => j % (sample.d + 1) == 0 ? 3.0 : 0.25)] : [];
                Agrees(BackendKind.Cpu,
                    new Problem(phi.Numbers, sample.d, r, draw.Pairs(sample.n, sample.responses), past, 1e-3, sample.k));
            },
            iter: 150,
            threads: 1);

    [TestCase("design_n2000_d16_m500")]
    [TestCase("design_n20000_d64_m5000")]
    [TestCase("design_dead_feature")]
    [TestCase("design_duplicates")]
    [TestCase("design_saturated")]
    [TestCase("design_deficient_n10_d32_m12_r1e-06")]
    public void Golden_problems(string name)
    {
        var golden = new GoldenCase(name);
        int n = golden.Parameters.GetProperty("n").GetInt32(), d = golden.Parameters.GetProperty("d")
            .GetInt32(), k = golden.Parameters.GetProperty("k").GetInt32();
        bool isTable = golden.Has("table");
        float[] phi = [.. (isTable ? golden.Array("table") : [.. golden.Array("phi1"), .. golden.Array("phi2")]).Select(x => (float)x)];
        Pair[] pairs = isTable
            ? [.. golden.Array("pairs").Chunk(2).Select(pair => new Pair((int)pair[0], (int)pair[1]))]
            : [.. Enumerable.Range(0, n).Select(i => new Pair(i, n + i))];
        float[] beta = [.. golden.Array("beta").Select(x => (float)x)];
        float[] r = [.. Enumerable.Range(0, phi.Length / d).Select(a => Enumerable.Range(0, d).Sum(j => phi[a * d + j] * beta[j]))];
        Agrees(BackendKind.Cpu,
            new Problem(phi, d, r, pairs, golden.Array("fisher_past"), golden.Parameters.GetProperty("ridge").GetDouble(), k));
    }

    [Test]
    public void A_singular_matrix_is_refused_in_the_same_words(
        [Values(BackendKind.Cpu, BackendKind.Emulator, BackendKind.OpenCl, BackendKind.Cuda)] BackendKind kind)
    {
        var draw = new Draw(4);
        var problem = new Problem(draw.Uniform(5, 8).Numbers, 8, draw.Uniform(5).Numbers, draw.Pairs(6, 5), [], 0, 2);
        Backend on = _devices.Get(kind);
        string expected = Assert.Throws<SingularInformationException>(() => _ = ByOperations(on, problem))!.Message;
        using DOptimalSelector selector = on.CreateSelector();
        Assert.That(() => problem.Select(selector), Throws.InstanceOf<SingularInformationException>().With.Message.EqualTo(expected));
        Assert.That(() => problem.Best(on), Throws.InstanceOf<SingularInformationException>().With.Message.EqualTo(expected));

        // And leaves nothing behind.
        Problem regular = problem with { Ridge = 1e-3 };
        Same(regular.Select(selector), ByOperations(on, regular));
        Same(regular.Best(on), ByOperations(on, regular));
    }

    [Test]
    public void Nothing_is_allocated_in_the_long_run()
    {
        using Backend on = Backend.Open(BackendKind.Cpu, 2);
        using DOptimalSelector selector = on.CreateSelector();
        Problem problem = Large();
        var best = new int[problem.K];
        var g = new float[problem.K];

        // Scratch of a thread is made when it first gets a block, which on a busy machine can be late: in the end thirteen rounds in a row
        // make none, of this thread not one byte; of all threads not one in some round, since the runtime's own may allocate at any time.
        long leastOfAll = long.MaxValue;
        Assert.That(Round(), Is.Positive);
        for (int rounds = 0, quiet = 0; quiet < 13; quiet = Round() == 0 ? quiet + 1 : 0)
        {
            Assert.That(rounds++, Is.LessThan(60), "rounds without thirteen in a row that allocate nothing");
            leastOfAll = quiet == 0 ? long.MaxValue : leastOfAll;
        }

        Assert.That(leastOfAll, Is.Zero);

        long Round()
        {
            long all = GC.GetTotalAllocatedBytes(precise: true), own = GC.GetAllocatedBytesForCurrentThread();
            for (int call = 0; call < 5; call++)
            {
                selector.Select(problem.Phi, problem.D, problem.R, problem.Pairs, problem.Past, problem.Ridge, best, g);
            }

            own = GC.GetAllocatedBytesForCurrentThread() - own;
            leastOfAll = Math.Min(leastOfAll, GC.GetTotalAllocatedBytes(precise: true) - all);
            return own;
        }
    }

    [Test]
    public void Selectors_of_one_backend_work_beside_each_other()
    {
        using Backend on = Backend.Open(BackendKind.Cpu, 3);
        Problem problem = Large();
        Chosen expected = ByOperations(on, problem);
        var found = new Chosen[4];
        Thread[] services = [.. Enumerable.Range(0, found.Length).Select(j => new Thread(() =>
        {
            using DOptimalSelector selector = on.CreateSelector();
            for (int call = 0; call < 5; call++)
            {
                found[j] = problem.Select(selector);
            }
        }))];
        Array.ForEach(services, service => service.Start());
        Array.ForEach(services, service => service.Join());
        Array.ForEach(found, one => Same(one, expected));
    }

    [Test]
    public void A_cancelled_selection_stops([Values(BackendKind.Cpu, BackendKind.Emulator)] BackendKind kind)
    {
        using DOptimalSelector selector = _devices.Get(kind).CreateSelector();
        Assert.That(
            () => selector.Select([0, 1], 1, [0, 0], [new(0, 1)], [], 1, new int[1], [], new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Cancelling_ends_an_operation_at_its_next_block([Values(1, 2)] int threads)
    {
        Problem problem = Large();
        using var team = new Workers(threads);
        var design = new DesignOperations(team) { Cancellation = new CancellationToken(canceled: true) };
        Assert.That(() =>
            design.Variances(problem.Pairs, problem.R, new float[problem.Pairs.Length]), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            () => design.Whiten(problem.Phi, problem.D, new double[problem.D * problem.D], new double[problem.Phi.Length]),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void What_does_not_fit_together_is_refused([Values(BackendKind.Cpu, BackendKind.Emulator)] BackendKind kind)
    {
        using DOptimalSelector selector = _devices.Get(kind).CreateSelector();
        Pair[] one = [new(0, 1)];
        Refused(() => selector.Select([1, 2, 3], 2, [0, 0], one, [], 1, [], []), "features has 3 numbers, expected 2×2");
        Refused(() => selector.Select([1, 2], 1, [0, 0], one, new double[4], 1, [], []), "past has 4 numbers, expected 1×1, or none.");
        Refused(() => selector.Select([1, 2], 1, [0, 0], one, [], 1, new int[2], []), "best has room for 2 of 1 pairs");
        Refused(() => selector.Select([1, 2], 1, [0, 0], one, [], 1, new int[1], new float[3]), "gradients has 3 numbers, expected 1");
        Refused(() => selector.Select([1, 2], 1, [0, 0], [new(0, 2)], [], 1, [], []), "Pair 0 is (0, 2); rows run from 0 to 1.");
        Refused(() => selector.Select([1, 2], 1, [0, 0], [new(1, 1)], [], 1, [], []), "Pair 0 compares response 1 with itself.");
        Refused(() =>
            selector.Select([1, float.NaN], 1, [0, 0], one, [], 1, [], []), "An information matrix has entries that are not finite");
        Refused(() => selector.Select([1, 2], 1, [0, 0], one, [], -1, [], []), "λ must be finite and not negative, and at most 1e100.");
        Refused(() => selector.Select([], 50_000, [], [], [], 1, [], []), "A matrix of 50000×50000 has more than");

        selector.Dispose();
        Assert.That(() => selector.Select([1, 2], 1, [0, 0], one, [], 1, [], []), Throws.InstanceOf<ObjectDisposedException>());

        static void Refused(Action select, string message) =>
            Assert.That(() => select(), Throws.InstanceOf<ArgumentException>().With.Message.StartsWith(message));
    }

    [Test]
    public void A_second_thread_is_refused_while_one_is_at_work()
    {
        using Backend on = Backend.Open(BackendKind.Cpu, 1);
        using DOptimalSelector selector = on.CreateSelector();
        Problem large = Large(), small = large with { Pairs = large.Pairs[..50], K = 5 };
        Chosen right = large.Select(selector), rightOfSmall = small.Select(selector);
        int refused = 0;
        for (int attempt = 0; attempt < 200 && refused == 0; attempt++)
        {
            Parallel.Invoke(
                () => Try(large, right), () => Try(small, rightOfSmall), () => Try(large, right), () => Try(small, rightOfSmall));
        }

        Assert.That(refused, Is.GreaterThan(0));
        Assert.That(large.Select(selector).Best, Is.EqualTo(right.Best));

        void Try(Problem problem, Chosen expected)
        {
            try
            {
                Assert.That(problem.Select(selector).Best, Is.EqualTo(expected.Best));
            }
            catch (InvalidOperationException exception)
            {
                Assert.That(exception.Message, Does.Contain("at work in another thread"));
                Interlocked.Increment(ref refused);
            }
        }
    }

    [Test]
    public void A_selector_of_a_disposed_backend_is_refused()
    {
        Backend on = Backend.Open(BackendKind.Cpu);
        using DOptimalSelector selector = on.CreateSelector();
        on.Dispose();
        Assert.That(() => selector.Select([1, 2], 1, [0, 0], [new(0, 1)], [], 1, [], []), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => on.CreateSelector(), Throws.InstanceOf<ObjectDisposedException>());
    }

    // Twice: what the first call left in the scratch must not matter. Whatever the threads.
    private void Agrees(BackendKind kind, Problem problem)
    {
        Backend on = _devices.Get(kind);
        Chosen expected = ByOperations(on, problem);
        using DOptimalSelector selector = on.CreateSelector();
        Same(problem.Select(selector), expected);
        Same(problem.Best(on), expected);
        Same(problem.Best(on, composed: true), expected);
        Same(problem.Select(selector), expected);
        Same(problem.Best(on), expected);
        if (kind == BackendKind.Cpu)
        {
            foreach (int threads in new[] { 1, 3 })
            {
                using Backend other = Backend.Open(BackendKind.Cpu, threads);
                using DOptimalSelector its = other.CreateSelector();
                Same(problem.Select(its), expected);
                Same(problem.Best(other), expected);
            }
        }
    }

    private static void Same(Chosen found, Chosen expected)
    {
        Assert.That(found.Best, Is.EqualTo(expected.Best));
        Assert.That(found.Scores, Is.EqualTo(expected.Scores));
        Assert.That(found.LogDeterminant, Is.EqualTo(expected.LogDeterminant));
        if (found.All is not null)
        {
            Assert.That(found.All, Is.EqualTo(expected.All));
            Assert.That(found.M!.Precision.ToArray(), Is.EqualTo(expected.M!.Precision.ToArray()));
            Assert.That(found.M.Cholesky.ToArray(), Is.EqualTo(expected.M.Cholesky.ToArray()));
            Assert.That(found.M.InverseCholesky.ToArray(), Is.EqualTo(expected.M.InverseCholesky.ToArray()));
        }
    }

    private static Chosen ByOperations(Backend on, Problem problem)
    {
        (int responses, int d, int n) = (problem.R.Length, problem.D, problem.Pairs.Length);
        using PairGraph graph = on.Graph(problem.Pairs, responses);
        using DeviceArray<float> phi = on.Upload<float>(problem.Phi, responses, d), r = on.Upload<float>(problem.R, responses);
        using DeviceArray<float> v = on.Allocate<float>(n), g = on.Allocate<float>(n);
        using DeviceArray<double> matrix = on.Allocate<double>(d, d), z = on.Allocate<double>(responses, d);
        on.PairVariances(graph, r, v);
        on.Information(graph, phi, v, matrix);
        double[][] informations = problem.Past.Length == 0 ? [matrix.ToArray()] : [matrix.ToArray(), problem.Past];
        var precision = new PrecisionMatrix(d, problem.Ridge, informations);
        matrix.CopyFrom(precision.InverseCholesky);
        on.Whiten(phi, matrix, z);
        on.LogDetGradient(graph, z, v, g);
        int[] best = on.Top(g, problem.K);
        float[] all = g.ToArray();
        return new(best, [.. best.Select(i => all[i])], precision.LogDeterminant, all, precision);
    }

    private static Problem Large()
    {
        var draw = new Draw(5);
        return new(draw.Uniform(2000, 64).Numbers, 64, draw.Uniform(2000).Numbers, draw.Pairs(8000, 2000), [], 1e-6, 300);
    }

    private sealed record Chosen(int[] Best, float[] Scores, double LogDeterminant, float[]? All = null, PrecisionMatrix? M = null);

    private sealed record Problem(float[] Phi, int D, float[] R, Pair[] Pairs, double[] Past, double Ridge, int K)
    {
        public Chosen Select(DOptimalSelector selector)
        {
            var best = new int[K];
            var g = new float[K];
            double logDeterminant = selector.Select(Phi, D, R, Pairs, Past, Ridge, best, g);
            return new(best, g, logDeterminant);
        }

        public Chosen Best(Backend on, bool composed = false)
        {
            using PairGraph graph = on.Graph(Pairs, R.Length);
            using DeviceArray<float> phi = on.Upload<float>(Phi, R.Length, D), r = on.Upload<float>(R, R.Length);
            using DeviceArray<float> v = on.Allocate<float>(Pairs.Length), g = on.Allocate<float>(Pairs.Length);
            using DeviceArray<double>? past = Past.Length > 0 ? on.Upload<double>(Past, D, D) : null;
            on.PairVariances(graph, r, v);
            (int[] indices, float[] scores, PrecisionMatrix precision) = composed
                ? on.ComposeBest(graph, phi, v, past, Ridge, g, K, CancellationToken.None) : on.Best(graph, phi, v, past, Ridge, g, K);
            return new(indices, scores, precision.LogDeterminant, g.ToArray(), precision);
        }
    }
}
