using CsCheck;
using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests.Mathematics;

/// <summary>What must hold whatever the numbers are; drawn pools of every small shape.</summary>
public class Identities
{
    private static readonly Gen<(int Seed, int R, int D, int N, int Past)> Shapes =
        Gen.Select(Gen.Int, Gen.Int[2, 30], Gen.Int[1, 12], Gen.Int[1, 80], Gen.Int[1, 40]);

    [Test]
    public void Scores_sum_to_the_dimensions_that_candidates_inform() => Shapes.Sample(shape =>
    {
        // Σ g = d − λ tr M⁻¹ − tr(M⁻¹ I_past): tr(M⁻¹M) = d, part by part.
        using var on = Backend.Open(BackendKind.Cpu, 1);
        var pool = new Pool(on, shape);
        double[] fisher = pool.Information(pool.Pairs, out float[] v), past = pool.Information(pool.PastPairs, out _);
        var m = new PrecisionMatrix(shape.D, 0.01, fisher, past);
        float[] g = pool.Scores(pool.Pairs, v, m);
        Assert.That(g, Is.All.GreaterThanOrEqualTo(0));
        Assert.That(
            g.Sum(score => (double)score), Is.EqualTo(shape.D - 0.01 * m.TraceOfInverse - m.TraceOfInverseTimes(past))
                .Within(1e-6 * shape.D));
    }, iter: 200);

    [Test]
    public void Which_response_stands_first_changes_nothing() => Shapes.Sample(shape =>
    {
        using var on = Backend.Open(BackendKind.Cpu, 1);
        var pool = new Pool(on, shape);
        Pair[] swapped = [.. pool.Pairs.Select((pair, i) => i % 2 == 0 ? pair : new Pair(pair.Second, pair.First))];
        double[] fisher = pool.Information(pool.Pairs, out float[] v), same = pool.Information(swapped, out float[] w);
        var m = new PrecisionMatrix(shape.D, 0.01, fisher);
        Assert.That(w, Is.EqualTo(v));
        Assert.That(same, Is.EqualTo(fisher));
        Assert.That(pool.Scores(swapped, w, m), Is.EqualTo(pool.Scores(pool.Pairs, v, m)));
    }, iter: 200);

    [Test]
    public void Scores_go_with_their_pairs() => Shapes.Sample(shape =>
    {
        using var on = Backend.Open(BackendKind.Cpu, 1);
        var pool = new Pool(on, shape);
        Pair[] reversed = [.. pool.Pairs.Reverse()];
        double[] fisher = pool.Information(pool.Pairs, out float[] v), same = pool.Information(reversed, out float[] w);
        var m = new PrecisionMatrix(shape.D, 0.01, fisher);
        Assert.That(w.Reverse(), Is.EqualTo(v));
        Assert.That(same, Is.EqualTo(fisher).Within(1e-12 * pool.Pairs.Length));
        Assert.That(pool.Scores(reversed, w, m).Reverse(), Is.EqualTo(pool.Scores(pool.Pairs, v, m)));
    }, iter: 200);

    [Test]
    public void Information_is_exactly_symmetric() => Shapes.Sample(shape =>
    {
        using var on = Backend.Open(BackendKind.Cpu, 1);
        double[] fisher = new Pool(on, shape) is var pool ? pool.Information(pool.Pairs, out _) : [];
        for (int j = 0; j < shape.D * shape.D; j++)
        {
            Assert.That(fisher[j], Is.EqualTo(fisher[j % shape.D * shape.D + j / shape.D]));
        }
    }, iter: 100);

    [Test]
    public void A_common_shift_of_the_rewards_changes_no_variance() => Shapes.Sample(shape =>
    {
        using var on = Backend.Open(BackendKind.Cpu, 1);
        Pair[] pairs = new Draw(shape.Seed).Pairs(shape.N, shape.R);
        using PairGraph graph = on.Graph(pairs, shape.R);
        float[] quarters = new Draw(shape.Seed).Quarters(shape.R).Numbers;
        using var r_R = on.Upload<float>(quarters, shape.R);
        using var shifted = on.Upload<float>([.. quarters.Select(r => r + 1024)], shape.R);
        using var v_n = on.Allocate<float>(shape.N);
        using var w_n = on.Allocate<float>(shape.N);
        on.PairVariances(graph, r_R, v_n);
        on.PairVariances(graph, shifted, w_n);
        Assert.That(w_n.ToArray(), Is.EqualTo(v_n.ToArray()));
    }, iter: 100);

    [Test]
    public void Top_is_the_beginning_of_the_sorted_order() =>
        Gen.Select(Gen.Single[-2, 2].Select(x => MathF.Round(8 * x) / 8).Array[0, 3000], Gen.Int[0, 3000]).Sample((score, any) =>
        {
            int k = Math.Min(any, score.Length);
            using var on = Backend.Open(BackendKind.Cpu, 1);
            using var score_n = on.Upload<float>(score, score.Length);
            Assert.That(on.Top(score_n, k), Is.EqualTo(Enumerable.Range(0, score.Length).OrderByDescending(i => score[i]).Take(k)));
        }, iter: 200);

    private sealed class Pool
    {
        private readonly Backend _on;
        private readonly Matrix<float> _phi, _r;

        public Pool(Backend on, (int Seed, int R, int D, int N, int Past) shape)
        {
            var draw = new Draw(shape.Seed);
            (_on, _phi, _r) = (on, draw.Uniform(shape.R, shape.D), draw.Wide(shape.R, 1, 3));
            (Pairs, PastPairs) = (draw.Pairs(shape.N, shape.R), draw.Pairs(shape.Past, shape.R));
        }

        public Pair[] Pairs { get; }

        public Pair[] PastPairs { get; }

        public double[] Information(Pair[] pairs, out float[] v)
        {
            using PairGraph graph = _on.Graph(pairs, _phi.Rows);
            using var r_R = _on.Upload<float>(_r.Numbers, _r.Rows);
            using var phi_Rd = _on.Upload<float>(_phi.Numbers, _phi.Rows, _phi.Columns);
            using var v_n = _on.Allocate<float>(pairs.Length);
            using var fisher_dd = _on.Allocate<double>(_phi.Columns, _phi.Columns);
            _on.PairVariances(graph, r_R, v_n);
            _on.Information(graph, phi_Rd, v_n, fisher_dd);
            v = v_n.ToArray();
            return fisher_dd.ToArray();
        }

        public float[] Scores(Pair[] pairs, float[] v, PrecisionMatrix m)
        {
            using PairGraph graph = _on.Graph(pairs, _phi.Rows);
            using var phi_Rd = _on.Upload<float>(_phi.Numbers, _phi.Rows, _phi.Columns);
            using var inverse_dd = _on.Upload(m.InverseCholesky, m.Dimension, m.Dimension);
            using var z_Rd = _on.Allocate<double>(_phi.Rows, _phi.Columns);
            using var v_n = _on.Upload<float>(v, v.Length);
            using var g_n = _on.Allocate<float>(pairs.Length);
            _on.Whiten(phi_Rd, inverse_dd, z_Rd);
            _on.LogDetGradient(graph, z_Rd, v_n, g_n);
            return g_n.ToArray();
        }
    }
}
