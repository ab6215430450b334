using CsCheck;
using FisherKernels.Bench.Cases;
using FisherKernels.Gpu;
using FisherKernels.Kernels;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests.Mathematics;

/// <summary>Every comparison of the responses without a list of them: by hand, and as the list gives it.</summary>
public class AllPairsTests
{
    private static readonly OpenDevices Devices = new();

    private static readonly Backend On = Backend.Open(BackendKind.Cpu);

    [OneTimeTearDown]
    public void Close()
    {
        On.Dispose();
        Devices.Dispose();
    }

    [Test]
    public void Information_by_hand()
    {
        // δ = (−1, 0), (0, −2), (1, −2), v = ¼: I = ¼(2, −2; −2, 8).
        Assert.That(Information([0, 0, 1, 0, 0, 2], 3, 2, new float[3]), Is.EqualTo([0.5, -0.5, -0.5, 2]).Within(1e-15));
    }

    [Test]
    public void Top_by_hand()
    {
        // z = 0, 1, 3, 1, r = 0: distances² 1, 9, 1, 4, 0, 4, a quarter of which counts; equal scores in the order of the pairs.
        (Pair[] pairs, float[] scores) = Top([0, 1, 3, 1], 4, 1, new float[4], 6);
        Assert.That(pairs, Is.EqualTo((Pair[])[new(0, 2), new(1, 2), new(2, 3), new(0, 1), new(0, 3), new(1, 3)]));
        Assert.That(scores, Is.EqualTo([2.25f, 1, 1, 0.25f, 0.25f, 0]));
    }

    [Test]
    public void What_is_not_a_number_comes_last([ValueSource(typeof(TestBackends), nameof(TestBackends.All))] BackendKind kind)
    {
        Backend on = Devices.Get(kind);
        using var z_Rd = on.Upload<double>([0, double.NaN, 2, 1], 4, 1);
        using var r_R = on.Allocate<float>(4);
        (Pair[] pairs, float[] scores) = on.AllPairsTop(z_Rd, r_R, 6);
        Assert.That(pairs, Is.EqualTo((Pair[])[new(0, 2), new(0, 3), new(2, 3), new(0, 1), new(1, 2), new(1, 3)]));
        Assert.That(scores, Is.EqualTo([1, 0.25f, 0.25f, float.NaN, float.NaN, float.NaN]));
    }

    // Blocks are 32 pairs on either side, 32 coordinates deep: below, at and past their ends.
    [Test]
    public void A_device_finds_what_its_own_list_gives(
        [ValueSource(typeof(TestBackends), nameof(TestBackends.Devices))] BackendKind kind,
        [Values(2, 32, 33, 65)] int responses, [Values(0, 1, 5, 32, 33, 65)] int d)
    {
        var draw = new Draw(8);
        double[] z = Definition.Wide(draw.Uniform(responses, d));
        SameAsTheList(Devices.Get(kind), z, responses, d, draw.Wide(responses, 1, 3).Numbers, responses * (responses - 1) / 2);
    }

    [Test]
    public void Best_by_hand([ValueSource(typeof(TestBackends), nameof(TestBackends.All))] BackendKind kind)
    {
        // δ = 1, 2, 1, v = ¼: I = 3/2, M = ½ + 3/2 + 2 = 4, g = v δ²/M.
        Backend on = Devices.Get(kind);
        using DeviceArray<float> phi = on.Upload<float>([0, 1, 2], 3, 1), r = on.Allocate<float>(3);
        using DeviceArray<double> past = on.Upload<double>([2], 1);
        (Pair[] pairs, float[] scores, PrecisionMatrix precision) = on.AllPairsBest(phi, r, past, 0.5, 2);
        Assert.That(pairs, Is.EqualTo((Pair[])[new(0, 2), new(0, 1)]));
        Assert.That(scores, Is.EqualTo([0.25f, 0.0625f]));
        Assert.That(precision.Precision.ToArray(), Is.EqualTo([4.0]));
    }

    // One past what one group factors is the last: the host does it then.
    [Test]
    public void The_best_are_what_the_operations_give_one_after_the_other(
        [ValueSource(typeof(TestBackends), nameof(TestBackends.All))] BackendKind kind,
        [Values(0, 1, 2, 33)] int responses, [Values(0, 1, 33, 257)] int d)
    {
        Backend on = Devices.Get(kind);
        var draw = new Draw(9);
        float[] phi = draw.Uniform(responses, d).Numbers, r = draw.Wide(responses, 1, 3).Numbers;
        double[] past = [.. Enumerable.Range(0, d * d).Select(j => j % (d + 1) == 0 ? 3.0 : 0.25)];
        int k = responses * (responses - 1) / 2;
        foreach (double[]? given in new[] { null, past })
        {
            using DeviceArray<float> phi_Rd = on.Upload<float>(phi, responses, d), r_R = on.Upload<float>(r, responses);
            var precision = given is null
                ? new PrecisionMatrix(d, 0.5, Information(on, phi, responses, d, r))
                    : new PrecisionMatrix(d, 0.5, Information(on, phi, responses, d, r), given);
            using DeviceArray<double> inverse_dd = on.Upload(precision.InverseCholesky, d, d), z_Rd = on.Allocate<double>(responses, d);
            on.Whiten(phi_Rd, inverse_dd, z_Rd);
            (Pair[] pairs, float[] scores) = on.AllPairsTop(z_Rd, r_R, k);

            using DeviceArray<double>? past_dd = given is null ? null : on.Upload<double>(given, d, d);
            (Pair[] best, float[] gradients, PrecisionMatrix m) = on.AllPairsBest(phi_Rd, r_R, past_dd, 0.5, k);
            Assert.That(best, Is.EqualTo(pairs));
            Assert.That(gradients, Is.EqualTo(scores));
            Assert.That(m.Cholesky.ToArray(), Is.EqualTo(precision.Cholesky.ToArray()));
        }
    }

    [Test]
    public void What_has_no_factor_is_refused([ValueSource(typeof(TestBackends), nameof(TestBackends.All))] BackendKind kind)
    {
        Backend on = Devices.Get(kind);
        using DeviceArray<float> phi = on.Upload<float>([1, 2, 2, 4, 3, 6], 3, 2), r = on.Allocate<float>(3),
            bad = on.Upload<float>([1, 2, float.NaN, 4, 3, 6], 3, 2);
        using DeviceArray<double> narrow = on.Allocate<double>(3);
        Assert.That(() => on.AllPairsBest(phi, r, null, 0, 2),
            Throws.InstanceOf<SingularInformationException>().With.Message.Contains("rank 1, ridge λ = 0"));
        Assert.That(() => on.AllPairsBest(bad, r, null, 1, 2),
            Throws.ArgumentException.With.Message.StartsWith("An information matrix has entries that are not finite"));
        Assert.That(() =>
            on.AllPairsBest(phi, r, narrow, 1, 2), Throws.ArgumentException.With.Message.StartsWith("past_dd is 3×1, expected 2×2."));
        Assert.That(() => on.AllPairsBest(phi, r, null, -1, 2),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith("λ must be finite"));
        Assert.That(() => on.AllPairsBest(phi, r, null, 1, 4),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith("4 of 3 pairs were asked for."));
    }

    [Test]
    public void More_scores_than_a_device_holds_are_gone_through_in_bands(
        [ValueSource(typeof(TestBackends), nameof(TestBackends.Gpus))] BackendKind kind)
    {
        // z grows towards both ends and changes its sign from row to row: the best pairs are in the first band and in the last, and
        // many are equal.
        Backend device = Devices.Get(kind);
        int responses = (int)Math.Sqrt(2.0 * GpuBackend.BandScores) + 200;
        double[] z = [.. Enumerable.Range(0, responses).Select(a => (a % 2 == 0 ? 1.0 : -1) * Math.Abs(2 * a - responses))];
        (Pair[] pairs, float[] scores) = Top(device, z, responses, 1, new float[responses], 3000);
        (Pair[] wanted, float[] wantedScores) = Top(On, z, responses, 1, new float[responses], 3000);

        Assert.That(wanted.Count(pair => pair.First > responses - 100), Is.GreaterThan(100), "pairs of the last band");
        Assert.That(pairs, Is.EqualTo(wanted));
        Assert.That(scores, Is.EqualTo(wantedScores));
    }

    [Test]
    public void Top_is_what_the_whole_list_gives() => Gen.Select(
        Gen.Int, Gen.OneOf(Gen.Int[2, 40], Gen.Int[250, 330]), Gen.Int[0, 9], Gen.Int[0, 700], Gen.OneOfConst(0, 1e-30, 1e-8, 1, 1e25),
        Gen.OneOfConst(0, 1e4), Gen.Bool)
        .Sample((seed, responses, d, most, scale, offset, whole) =>
        {
            // Large offsets, numbers that float32 cannot hold or tell apart, and many ties: the filter must let all of them through.
            var draw = new Draw(seed);
            double[] z = [.. (whole ? draw.Whole(responses, d) : draw.Uniform(responses, d)).Numbers.Select(x => offset + scale * x)];
            float[] r = draw.Wide(responses, 1, seed % 3 == 0 ? 60 : 2).Numbers;
            int k = Math.Min(most, responses * (responses - 1) / 2);
            SameAsTheList(On, z, responses, d, r, k);
        }, iter: 120);

    [TestCase(BackendKind.Cpu, 300, 5)]
    [TestCase(BackendKind.Cuda, 300, 70)]
    [TestCase(BackendKind.OpenCl, 300, 70)]
    [TestCase(BackendKind.Emulator, 70, 40)]
    public void An_offset_of_the_features_costs_no_digits(BackendKind kind, int responses, int d)
    {
        // Multiples of 1/8 beside 1,024: every number is exact, so the information must be the same but for rounding of the sums.
        Backend on = Devices.Get(kind);
        float[] phi = [.. new Draw(4).Whole(responses, d).Numbers.Select(x => x / 8)], r = new Draw(4).Wide(responses, 1, 3).Numbers;
        double[] want = Information(on, phi, responses, d, r), got = Information(on, [.. phi.Select(x => x + 1024)], responses, d, r);
        Assert.That(got, Is.EqualTo(want).Within(1e-12 * want.Max()));
    }

    [Test]
    public void Information_is_exactly_symmetric()
    {
        double[] fisher = Information(new Draw(5).Uniform(70, 6).Numbers, 70, 6, new Draw(5).Wide(70, 1, 2).Numbers);
        Assert.That(Enumerable.Range(0, 36).Select(j => fisher[j % 6 * 6 + j / 6]), Is.EqualTo(fisher));
    }

    [TestCase(-1)]
    [TestCase(4)]
    public void More_pairs_than_there_are_cannot_be_chosen(int k) => Assert.That(
        () => Top([0, 1, 2], 3, 1, new float[3], k),
        Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith($"{k} of 3 pairs were asked for."));

    [Test]
    public void Too_many_responses_are_refused()
    {
        Assert.That(() => Top(new double[65_537], 65_537, 1, new float[65_537], 1), Throws.ArgumentException.With.Message.StartsWith(
            "z_Rd has 65537 rows; all pairs are taken of at most 65536. Draw some of the responses."));
        Assert.That(() => Information(new float[65_537], 65_537, 1, new float[65_537]),
            Throws.ArgumentException.With.Message.StartsWith("phi_Rd has 65537 rows"));
    }

    [Test]
    public void Shapes_must_fit()
    {
        Assert.That(() =>
            Top([0, 1], 2, 1, new float[3], 1), Throws.ArgumentException.With.Message.StartsWith("r_R is 3×1, expected 2×1."));
        Assert.That(() =>
            Information([0, 1], 2, 1, new float[3]), Throws.ArgumentException.With.Message.StartsWith("r_R is 3×1, expected 2×1."));
    }

    private static void SameAsTheList(Backend on, double[] z, int responses, int d, float[] r, int k)
    {
        Pair[] all = Definition.AllPairs(responses);
        using PairGraph graph = on.Graph(all, responses);
        using var z_Rd = on.Upload<double>(z, responses, d);
        using var r_R = on.Upload<float>(r, responses);
        using var v_n = on.Allocate<float>(all.Length);
        using var g_n = on.Allocate<float>(all.Length);
        on.PairVariances(graph, r_R, v_n);
        on.LogDetGradient(graph, z_Rd, v_n, g_n);
        int[] top = on.Top(g_n, k);
        float[] g = g_n.ToArray();

        (Pair[] pairs, float[] scores) = on.AllPairsTop(z_Rd, r_R, k);
        Assert.That(pairs, Is.EqualTo(top.Select(i => all[i])));
        Assert.That(scores, Is.EqualTo(top.Select(i => g[i])));
    }

    private static double[] Information(float[] phi, int responses, int d, float[] r) => Information(On, phi, responses, d, r);

    private static double[] Information(Backend on, float[] phi, int responses, int d, float[] r)
    {
        using var phi_Rd = on.Upload<float>(phi, responses, d);
        using var r_R = on.Upload<float>(r, r.Length);
        using var fisher_dd = on.Allocate<double>(d, d);
        on.AllPairsInformation(phi_Rd, r_R, fisher_dd);
        return fisher_dd.ToArray();
    }

    private static (Pair[] Pairs, float[] Scores) Top(double[] z, int responses, int d, float[] r, int k) => Top(On, z, responses, d, r, k);

    private static (Pair[] Pairs, float[] Scores) Top(Backend on, double[] z, int responses, int d, float[] r, int k)
    {
        using var z_Rd = on.Upload<double>(z, responses, d);
        using var r_R = on.Upload<float>(r, r.Length);
        return on.AllPairsTop(z_Rd, r_R, k);
    }
}
