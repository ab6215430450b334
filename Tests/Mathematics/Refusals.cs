using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests.Mathematics;

/// <summary>What the seam refuses, and in which words.</summary>
public sealed class Refusals
{
    private readonly Backend _on = Backend.Open(BackendKind.Cpu);

    [OneTimeTearDown]
    public void Close() => _on.Dispose();

    [Test]
    public void A_shape_that_does_not_fit_is_named()
    {
        using PairGraph graph = _on.Graph([new(0, 1)], 2);
        using var r_R = _on.Allocate<float>(2);
        using var v_n = _on.Allocate<float>(4);
        Assert.That(
            () => _on.PairVariances(graph, r_R, v_n),
            Throws.ArgumentException.With.Message.StartsWith("v_n is 4×1, expected 1×1.").And.Property("ParamName").EqualTo("v_n"));
    }

    [Test]
    public void Shapes_of_a_layer_are_those_of_its_parameters()
    {
        using var x_nI = _on.Allocate<float>(5, 3);
        using var theta_OI = _on.Allocate<float>(2, 4);
        using var y_nO = _on.Allocate<float>(5, 2);
        Assert.That(() =>
            _on.Linear(x_nI, theta_OI, null, y_nO), Throws.ArgumentException.With.Message.StartsWith("theta_OI is 2×4, expected 2×3."));
    }

    [Test]
    public void An_array_of_another_backend_is_refused()
    {
        using Backend other = Backend.Open(BackendKind.Cpu, 1);
        using var score_n = other.Allocate<float>(3);
        Assert.That(() => _on.Top(score_n, 1), Throws.ArgumentException.With.Message.StartsWith("score_n lives on another backend"));
    }

    [Test]
    public void A_graph_of_another_backend_is_refused()
    {
        using Backend other = Backend.Open(BackendKind.Cpu, 1);
        using PairGraph graph = other.Graph([new(0, 1)], 2);
        using var r_R = _on.Allocate<float>(2);
        using var v_n = _on.Allocate<float>(1);
        Assert.That(() =>
            _on.PairVariances(graph, r_R, v_n), Throws.ArgumentException.With.Message.StartsWith("graph lives on another backend"));
    }

    [Test]
    public void An_array_that_is_missing_is_named()
    {
        using var x_nH = _on.Allocate<float>(2);
        Assert.That(() =>
            _on.Activate(Activation.Relu, x_nH, null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("y_nH"));
    }

    [TestCase(4)]
    [TestCase(-1)]
    public void More_than_there_is_cannot_be_chosen(int k)
    {
        using var score_n = _on.Allocate<float>(3);
        Assert.That(() => _on.Top(score_n, k),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith($"{k} of 3 scores were asked for."));
    }

    [TestCase(3)]
    [TestCase(-1)]
    public void A_row_that_is_not_there_cannot_be_gathered(int row)
    {
        using var from_RD = _on.Allocate<float>(3, 1);
        using var to_kD = _on.Allocate<float>(2, 1);
        Assert.That(
            () => _on.Gather(from_RD, [0, row], to_kD),
            Throws.ArgumentException.With.Message.StartsWith($"rows_k[1] is {row}; rows run from 0 to 2."));
    }

    [Test]
    public void A_pair_is_two_different_responses() => Assert.That(
        () => _on.Graph([new(0, 1), new(2, 2)], 3),
        Throws.ArgumentException.With.Message.StartsWith("Pair 1 compares response 2 with itself."));

    [Test]
    public void A_pair_names_responses_that_exist() => Assert.That(
        () => _on.Graph([new(0, 3)], 3), Throws.ArgumentException.With.Message.StartsWith("Pair 0 is (0, 3); rows run from 0 to 2."));

    [Test]
    public void Steps_are_counted_from_one()
    {
        using var one = _on.Allocate<float>(1);
        using var two = _on.Allocate<float>(1);
        Assert.That(() => _on.Adam(one, two, one, two, new AdamStep(0)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void An_activation_that_is_none_is_refused()
    {
        using var x = _on.Allocate<float>(1);
        Assert.That(() => _on.Activate((Activation)7, x, x), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void An_array_too_large_for_an_index_is_refused() =>
        Assert.That(() =>
            _on.Allocate<float>(1 << 20, 1 << 12), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("1048576×4096"));

    [Test]
    public void A_copy_of_another_length_is_refused()
    {
        using var x = _on.Allocate<float>(2, 3);
        Assert.That(() => x.CopyFrom([1, 2]), Throws.ArgumentException.With.Message.StartsWith("source has 2 numbers, expected 2×3 = 6."));
    }

    [Test]
    public void A_window_stays_inside()
    {
        using var x = _on.Allocate<float>(2, 3);
        Assert.That(() => x.View(3, 2, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_window_shares_its_numbers()
    {
        using var x = _on.Upload<float>([1, 2, 3, 4], 4);
        x.View(1, 2).CopyFrom([8, 9]);
        Assert.That(x.ToArray(), Is.EqualTo([1f, 8, 9, 4]));
    }
}
