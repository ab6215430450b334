using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests.Mathematics;

public class NetworkByHand
{
    [Test]
    public void Gather_copies_rows_and_repeats_them()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var from_RD = on.Upload<float>([1, 2, 3, 4, 5, 6], 3, 2);
        using var to_kD = on.Allocate<float>(3, 2);

        on.Gather(from_RD, [2, 0, 2], to_kD);

        Assert.That(to_kD.ToArray(), Is.EqualTo([5f, 6, 1, 2, 5, 6]));
    }

    [Test]
    public void Linear_is_x_times_theta_transposed_plus_bias()
    {
        // x = (1, 2), (3, 4); θ = (1, 0), (0, 1), (1, 1); bias = (10, 20, 30).
        using var on = Backend.Open(BackendKind.Cpu);
        using var x_nI = on.Upload<float>([1, 2, 3, 4], 2, 2);
        using var theta_OI = on.Upload<float>([1, 0, 0, 1, 1, 1], 3, 2);
        using var bias_O = on.Upload<float>([10, 20, 30], 3);
        using var y_nO = on.Allocate<float>(2, 3);

        on.Linear(x_nI, theta_OI, bias_O, y_nO);
        Assert.That(y_nO.ToArray(), Is.EqualTo([11f, 22, 33, 13, 24, 37]));

        on.Linear(x_nI, theta_OI, null, y_nO);
        Assert.That(y_nO.ToArray(), Is.EqualTo([1f, 2, 3, 3, 4, 7]));
    }

    [Test]
    public void LinearActivate_is_the_layer_and_its_activation()
    {
        // y = (1, 2)·(3, −4) + 1 = −4 and (1, 2)·(0, 2) + 3 = 7: ReLU leaves the second.
        using var on = Backend.Open(BackendKind.Cpu);
        using var x_nI = on.Upload<float>([1, 2], 1, 2);
        using var theta_OI = on.Upload<float>([3, -4, 0, 2], 2, 2);
        using var bias_O = on.Upload<float>([1, 3], 2);
        using var y_nO = on.Allocate<float>(1, 2);
        using var a_nO = on.Allocate<float>(1, 2);

        on.LinearActivate(Activation.Relu, x_nI, theta_OI, bias_O, y_nO, a_nO);
        Assert.That(y_nO.ToArray(), Is.EqualTo([-4f, 7]));
        Assert.That(a_nO.ToArray(), Is.EqualTo([0f, 7]));

        on.LinearActivate(Activation.Relu, x_nI, theta_OI, null, null, a_nO);
        Assert.That(a_nO.ToArray(), Is.EqualTo([0f, 4]));
    }

    [Test]
    public void LinearBackward_adds_to_the_parameters_and_overwrites_dx()
    {
        // dx = dy θ; dθ = dyᵀx on top of 100; dbias = Σ dy on top of 1000.
        using var on = Backend.Open(BackendKind.Cpu);
        using var x_nI = on.Upload<float>([1, 2, 3, 4], 2, 2);
        using var theta_OI = on.Upload<float>([5, 6], 1, 2);
        using var dy_nO = on.Upload<float>([1, -2], 2, 1);
        using var dx_nI = on.Upload<float>([9, 9, 9, 9], 2, 2);
        using var dtheta_OI = on.Upload<float>([100, 100], 1, 2);
        using var dbias_O = on.Upload<float>([1000], 1);

        on.LinearBackward(x_nI, theta_OI, dy_nO, dx_nI, dtheta_OI, dbias_O);

        Assert.That(dx_nI.ToArray(), Is.EqualTo([5f, 6, -10, -12]));
        Assert.That(dtheta_OI.ToArray(), Is.EqualTo([95f, 94]));
        Assert.That(dbias_O.ToArray(), Is.EqualTo([999f]));
    }

    [Test]
    public void Relu_and_its_derivative_are_zero_at_zero()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var x_nH = on.Upload<float>([-2, -0f, 0, 3], 4);
        using var dy_nH = on.Upload<float>([5, 5, 5, 5], 4);
        using var y_nH = on.Allocate<float>(4);

        on.Activate(Activation.Relu, x_nH, y_nH);
        Assert.That(y_nH.ToArray(), Is.EqualTo([0f, 0, 0, 3]));

        on.ActivateBackward(Activation.Relu, x_nH, dy_nH, dy_nH);
        Assert.That(dy_nH.ToArray(), Is.EqualTo([0f, 0, 0, 5]));
    }

    [Test]
    public void Gelu_at_a_few_points()
    {
        // Φ(1) = 0.841344746…, φ(1) = 0.241970724…: y = Φ(1), y' = Φ(1) + φ(1); odd part: y(−1) = y(1) − 1.
        using var on = Backend.Open(BackendKind.Cpu);
        using var x_nH = on.Upload<float>([0, 1, -1, 100, -100], 5);
        using var dy_nH = on.Upload<float>([1, 1, 2, 1, 1], 5);
        using var y_nH = on.Allocate<float>(5);
        using var dx_nH = on.Allocate<float>(5);

        on.Activate(Activation.Gelu, x_nH, y_nH);
        on.ActivateBackward(Activation.Gelu, x_nH, dy_nH, dx_nH);

        Assert.That(y_nH.ToArray(), Is.EqualTo([0, 0.8413447460685429, -0.15865525393145707, 100, 0]).Within(1e-7));
        Assert.That(dx_nH.ToArray(), Is.EqualTo([0.5, 1.0833154705876864, -0.16663094117537274, 1, 0]).Within(2e-7));
    }

    [Test]
    public void Gelu_keeps_its_digits_in_the_left_tail()
    {
        // Whoever writes ½x(1 + erf) has none left at −6. Below −13 the exponential is no longer a normal float.
        float[] x = [.. Enumerable.Range(0, 1300).Select(j => -j / 100f)];
        using var on = Backend.Open(BackendKind.Cpu);
        using var x_nH = on.Upload<float>(x, x.Length);
        using var y_nH = on.Allocate<float>(x.Length);

        on.Activate(Activation.Gelu, x_nH, y_nH);

        Expect.Close(
            [.. y_nH.ToArray().Select(y => (double)y)], [.. x.Select(x => Reference.Definition.Activate(Activation.Gelu, x))],
            new(1e-6, "Cephes' erfc in float32 is good to a few units in the last place, and ½ − ½erf loses two bits at −√2")
            {
                OfEach =
                true
            }, "gelu");
    }

    [Test]
    public void Activations_let_NaN_and_infinity_be_seen()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var x_nH = on.Upload<float>([float.NaN, float.PositiveInfinity, float.NegativeInfinity], 3);
        using var y_nH = on.Allocate<float>(3);
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            on.Activate(activation, x_nH, y_nH);
            Assert.That(y_nH.ToArray(), Is.EqualTo([float.NaN, float.PositiveInfinity, 0]), activation.ToString());
        }
    }

    [Test]
    public void BradleyTerry_of_a_certain_and_an_even_pair()
    {
        // x = ln 3: p = ¾. Won: loss ln(4/3), slope −¼. x = 0 with a soft label of ½: loss ln 2, slope 0. The mean halves.
        using var on = Backend.Open(BackendKind.Cpu);
        using var graph = on.Graph([new(0, 1), new(1, 2)], 4);
        using var r_R = on.Upload<float>([MathF.Log(3), 0, 0, 7], 4);
        using var h_n = on.Upload<float>([1, 0.5f], 2);
        using var loss_n = on.Allocate<float>(2);
        using var dr_R = on.Allocate<float>(4);

        on.BradleyTerry(graph, r_R, h_n, loss_n, dr_R);

        Assert.That(loss_n.ToArray(), Is.EqualTo([Math.Log(4 / 3.0), Math.Log(2)]).Within(1e-7));
        Assert.That(dr_R.ToArray(), Is.EqualTo([-0.125, 0.125, 0, 0]).Within(1e-7));
    }

    [TestCase(100)]
    [TestCase(-100)]
    [TestCase(3e38f)]
    public void A_confident_mistake_keeps_its_gradient(float logit)
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var graph = on.Graph([new(0, 1)], 2);
        using var r_R = on.Upload<float>([logit, 0], 2);
        using var h_n = on.Upload<float>([logit > 0 ? 0 : 1], 1);
        using var loss_n = on.Allocate<float>(1);
        using var dr_R = on.Allocate<float>(2);

        on.BradleyTerry(graph, r_R, h_n, loss_n, dr_R);

        Assert.That(loss_n.ToArray(), Is.EqualTo([Math.Abs(logit)]));
        Assert.That(dr_R.ToArray(), Is.EqualTo([Math.Sign(logit), -Math.Sign(logit)]));
    }

    [Test]
    public void A_confident_success_still_has_a_small_loss_and_gradient()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var graph = on.Graph([new(0, 1)], 2);
        using var r_R = on.Upload<float>([50, 0], 2);
        using var h_n = on.Upload<float>([1], 1);
        using var loss_n = on.Allocate<float>(1);
        using var dr_R = on.Allocate<float>(2);

        on.BradleyTerry(graph, r_R, h_n, loss_n, dr_R);

        double t = Math.Exp(-50);
        Assert.That(loss_n.ToArray(), Is.EqualTo([t]).Within(1e-6 * t));
        Assert.That(dr_R.ToArray(), Is.EqualTo([-t, t]).Within(1e-6 * t));
    }

    [Test]
    public void BradleyTerry_without_pairs_has_no_gradient()
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using var graph = on.Graph([], 2);
        using var r_R = on.Upload<float>([1, 2], 2);
        using var none = on.Allocate<float>(0);
        using var dr_R = on.Upload<float>([9, 9], 2);

        on.BradleyTerry(graph, r_R, none, none, dr_R);

        Assert.That(dr_R.ToArray(), Is.EqualTo([0f, 0]));
    }

    [Test]
    public void Adam_moves_by_the_learning_rate_at_first()
    {
        // m̂ = g, ŝ = g² after the first step: θ ← θ(1 − lr·decay) − lr·sign g. A gradient of 0 leaves the decay alone.
        using var on = Backend.Open(BackendKind.Cpu);
        using var theta_P = on.Upload<float>([1, 1, 1], 3);
        using var dtheta_P = on.Upload<float>([4, -0.5f, 0], 3);
        using var m_P = on.Allocate<float>(3);
        using var s_P = on.Allocate<float>(3);

        on.Adam(theta_P, dtheta_P, m_P, s_P, new AdamStep(1, LearningRate: 0.125f, WeightDecay: 0.5f));

        Assert.That(theta_P.ToArray(), Is.EqualTo([0.8125, 1.0625, 0.9375]).Within(1e-6));
        Assert.That(m_P.ToArray(), Is.EqualTo([0.4, -0.05, 0]).Within(1e-7));
        Assert.That(s_P.ToArray(), Is.EqualTo([16 * (1 - 0.999f), 0.25 * (1 - 0.999f), 0]).Within(1e-8));
    }

    [Test]
    public void Adam_by_hand_over_two_steps()
    {
        // g = 1, then −1, lr = 1, β = (0.9, 0.999): m̂₂ = (0.09 − 0.1)/0.19, ŝ₂ = 1.
        using var on = Backend.Open(BackendKind.Cpu);
        using var theta_P = on.Upload<float>([0], 1);
        using var first = on.Upload<float>([1], 1);
        using var second = on.Upload<float>([-1], 1);
        using var m_P = on.Allocate<float>(1);
        using var s_P = on.Allocate<float>(1);

        on.Adam(theta_P, first, m_P, s_P, new AdamStep(1, LearningRate: 1));
        on.Adam(theta_P, second, m_P, s_P, new AdamStep(2, LearningRate: 1));

        Assert.That(theta_P.ToArray()[0], Is.EqualTo(-1 + 0.01 / 0.19).Within(1e-6));
    }
}
