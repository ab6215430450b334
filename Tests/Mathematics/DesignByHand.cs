using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests.Mathematics;

public class DesignByHand
{
    [Test]
    public void PairVariances_of_known_logits()
    {
        // σ(0)² = ¼; x = ln 3: ¾·¼; and the tail is e^−|x|, on both sides.
        using var on = Backend.Open(BackendKind.Cpu);
        using var graph = on.Graph([new(0, 1), new(2, 0), new(0, 2), new(3, 0), new(0, 3), new(4, 0)], 5);
        using var r_R = on.Upload<float>([0, 0, MathF.Log(3), 80, 1000], 5);
        using var v_n = on.Allocate<float>(6);

        on.PairVariances(graph, r_R, v_n);

        float[] v = v_n.ToArray();
        Assert.That(v[0], Is.EqualTo(0.25f));
        Assert.That(v[1..3], Is.EqualTo([0.1875, 0.1875]).Within(1e-7));
        Assert.That(v[3..5], Is.EqualTo([Math.Exp(-80), Math.Exp(-80)]).Within(1e-6 * Math.Exp(-80)));
        Assert.That(v[5], Is.Zero);
    }

    [Test]
    public void Information_is_the_sum_of_weighted_outer_products()
    {
        // δ = (1, −1) and (0, 2), v = (1/4, 1/2): I = ¼(1, −1; −1, 1) + ½(0, 0; 0, 4).
        using var on = Backend.Open(BackendKind.Cpu);
        using var graph = on.Graph([new(0, 1), new(2, 1)], 3);
        using var phi_Rd = on.Upload<float>([2, 0, 1, 1, 1, 3], 3, 2);
        using var v_n = on.Upload<float>([0.25f, 0.5f], 2);
        using var fisher_dd = on.Allocate<double>(2, 2);

        on.Information(graph, phi_Rd, v_n, fisher_dd);

        Assert.That(fisher_dd.ToArray(), Is.EqualTo([0.25, -0.25, -0.25, 2.25]));
    }

    [Test]
    public void Information_is_summed_in_float64()
    {
        // 1 + 2⁻³⁰ has no place in float32.
        using var on = Backend.Open(BackendKind.Cpu);
        using var graph = on.Graph([new(0, 2), new(1, 2)], 3);
        using var phi_Rd = on.Upload<float>([1, 1 / 32768f, 0], 3, 1);
        using var v_n = on.Upload<float>([1, 1], 2);
        using var fisher_dd = on.Allocate<double>(1, 1);

        on.Information(graph, phi_Rd, v_n, fisher_dd);

        Assert.That(fisher_dd.ToArray(), Is.EqualTo([1 + Math.ScaleB(1, -30)]));
    }

    [Test]
    public void Whiten_reads_nothing_above_the_diagonal()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var phi_Rd = on.Upload<float>([1, 2, 3, 4], 2, 2);
        using var inverse_dd = on.Upload<double>([2, double.NaN, -1, 0.5], 2, 2);
        using var z_Rd = on.Allocate<double>(2, 2);

        on.Whiten(phi_Rd, inverse_dd, z_Rd);

        Assert.That(z_Rd.ToArray(), Is.EqualTo([2.0, 0, 6, -1]));
    }

    [Test]
    public void LogDetGradient_is_the_weighted_distance()
    {
        // z₀ = (0,0), z₁ = (3,4), z₂ = (0,1); v = (1/4, 1/4): g = (25/4, 18/4).
        using var on = Backend.Open(BackendKind.Cpu);
        using var graph = on.Graph([new(0, 1), new(1, 2)], 3);
        using var z_Rd = on.Upload<double>([0, 0, 3, 4, 0, 1], 3, 2);
        using var v_n = on.Upload<float>([0.25f, 0.25f], 2);
        using var g_n = on.Allocate<float>(2);

        on.LogDetGradient(graph, z_Rd, v_n, g_n);

        Assert.That(g_n.ToArray(), Is.EqualTo([6.25f, 4.5f]));
    }

    [Test]
    public void Without_features_every_score_is_zero()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var graph = on.Graph([new(0, 1)], 2);
        using var z_Rd = on.Allocate<double>(2, 0);
        using var v_n = on.Upload<float>([0.25f], 1);
        using var g_n = on.Upload<float>([9], 1);

        on.LogDetGradient(graph, z_Rd, v_n, g_n);

        Assert.That(g_n.ToArray(), Is.EqualTo([0f]));
    }

    [Test]
    public void Ties_go_to_the_lower_index()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var score_n = on.Upload<float>([1, 3, 2, 3, 1, 3], 6);
        Assert.That(on.Top(score_n, 4), Is.EqualTo([1, 3, 5, 2]));
    }

    [Test]
    public void NaN_comes_last_and_the_two_zeros_are_equal()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var score_n = on.Upload<float>([float.NaN, -0f, 0, float.NegativeInfinity, -1, float.NaN], 6);
        Assert.That(on.Top(score_n, 6), Is.EqualTo([1, 2, 4, 3, 0, 5]));
    }
}
