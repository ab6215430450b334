using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;
using FisherKernels.Tests.House;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>Model files of every version and from elsewhere: what is read, what is asked for, what is refused.</summary>
public class ModelFileTests : InFolder
{
    private static readonly float[] W0 = [1, 2, 3, -1, 0.5f, 2], B0 = [0.5f, -1, 0.25f], W1 = [1, 0, 2, -1, 1, 1], B1 = [0.1f, 0.2f],
        Head = [2, -3];

    [TestCase(1)]
    [TestCase(2)]
    public void Kept_samples_give_the_rewards_they_gave(int version)
    {
        string path = Path.Combine(Repository.Root, "Tests", "Formats", $"model-{version}.safetensors");
        BradleyTerryMlp model = ModelFile.Load(path);

        Assert.That(model.Dropout, Is.EqualTo(0.1));
        Assert.That(model.Shape.Activation, Is.EqualTo(Activation.Relu));
        Assert.That(Score(model, [1, 1100, -3, -2, 900, -2.99f, 0.5f, 1000, -3.02f], 3),
            Is.EqualTo([-0.2198165, -0.0850108, -0.1233598]).Within(2e-6), "float32 rows");
        if (version == 2)
        {
            ModelFile.Save(PathOf("again.safetensors"), model);
            Assert.That(File.ReadAllBytes(PathOf("again.safetensors")), Is.EqualTo(File.ReadAllBytes(path)));
        }
    }

    [Test]
    public void A_later_version_is_refused_by_name()
    {
        Assert.That(() => Load(Own(), new() { ["format"] = "fisher-reward-model", ["version"] = "3", ["activation"] = "relu" }),
            Throws.TypeOf<InputException>().With.Message.Contains("version '3'").And.Message.Contains("up to version 2"));
        Assert.That(() => Load(Own(), new() { ["format"] = "pt", ["version"] = "9", ["activation"] = "relu" }), Throws.Nothing);
    }

    [Test]
    public void An_activation_that_is_not_recorded_has_to_be_said()
    {
        foreach (Dictionary<string, string> metadata in new Dictionary<string, string>[] { new(), new() { ["format"] = "pt" } })
        {
            Assert.That(() => Load(Own(), metadata), Throws.TypeOf<UnknownActivationException>());
            Assert.That(Load(Own(), metadata, Activation.Relu).Shape.Activation, Is.EqualTo(Activation.Relu));
        }
    }

    [TestCase("model.", "hidden.0", "hidden.1", "head")]
    [TestCase("module.reward_model.", "hidden.0", "hidden.1", "head")]
    [TestCase("", "hidden.0", "hidden.2", "head")]
    [TestCase("net.", "hidden.0", "hidden.3", "head")]
    [TestCase("", "0", "2", "4")]
    [TestCase("", "0", "3", "6")]
    [TestCase("model.layers.", "0", "2", "4")]
    public void Names_as_PyTorch_gives_them(string prefix, string first, string second, string head)
    {
        var tensors = new List<(string, long[], float[])>
        {
            ($"{prefix}{first}.weight", [3, 2], W0), ($"{prefix}{first}.bias", [3], B0),
            ($"{prefix}{second}.weight", [2, 3], W1), ($"{prefix}{second}.bias", [2], B1), ($"{prefix}{head}.weight", [1, 2], Head),
        };
        BradleyTerryMlp model = Load(tensors, [], Activation.Relu), own = Load(Own(), [], Activation.Relu);
        Assert.That(model.Parameters, Is.EqualTo(own.Parameters));
        Assert.That(model.Shape.Hidden, Is.EqualTo([3, 2]));
    }

    [Test]
    public void A_bias_of_the_head_is_left_out_with_a_word_and_a_flat_head_is_read()
    {
        var words = new List<string>();
        var tensors = Own();
        tensors.Add(("head.bias", [1], [7]));
        BradleyTerryMlp model = Load(tensors, [], Activation.Relu, words.Add);
        Assert.That(model.Parameters, Is.EqualTo(Load(Own(), [], Activation.Relu).Parameters));
        Assert.That(words, Has.One.Contains("head.bias is left out"));
        foreach (long[] shape in new long[][] { [2], [2, 1] })
        {
            tensors = Own();
            tensors[^1] = ("head.weight", shape, Head);
            Assert.That(Load(tensors, [], Activation.Relu).Head.ToArray(), Is.EqualTo(Head));
        }
    }

    [TestCase(float.NaN)]
    [TestCase(float.NegativeInfinity)]
    public void A_bias_of_the_head_that_is_not_finite_is_a_damaged_model(float bias)
    {
        var words = new List<string>();
        Assert.That(
            () => Load([.. Own(), ("head.bias", [1], [bias])], [], Activation.Relu, words.Add),
            Throws.TypeOf<InputException>().With.Message.Contains("head.bias has").And.Message.Contains("must be finite"));
        Assert.That(words, Is.Empty);
    }

    [Test]
    public void Shapes_that_do_not_fit_one_another_are_refused_before_anything_is_made()
    {
        foreach ((string name, long[] shape) in new (string, long[])[]
        {
            ("hidden.1.weight", [500_000_000, 0]), ("hidden.1.weight", [2_000_000_000, 0]), ("hidden.1.weight", [6]),
            ("hidden.0.bias", [3, 1]),
            ("head.weight", [2, 2]),
        })
        {
            var tensors = Own();
            int at = tensors.FindIndex(tensor => tensor.Name == name);
            tensors[at] = (name, shape, new float[shape.Aggregate(1L, (product, axis) => product * axis)]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(() => Load(tensors, [], Activation.Relu),
                Throws.TypeOf<InputException>().With.Message.Contains(name).And.Message.Contains(PathOf("m.safetensors")));
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10_000_000));
        }
    }

    [Test]
    public void Layers_without_an_activation_between_them_and_parts_that_are_missing_are_refused()
    {
        Assert.That(() => Load([("0.weight", [3, 2], W0), ("0.bias", [3], B0), ("1.weight", [1, 3], B0)], [], Activation.Relu),
            Throws.TypeOf<InputException>().With.Message.Contains("0.weight and then 1.weight"));
        Assert.That(() => Load([("0.weight", [3, 2], W0), ("2.weight", [1, 3], B0)], [], Activation.Relu),
            Throws.TypeOf<InputException>().With.Message.Contains("no tensor 0.bias"));
        Assert.That(() => Load([("a.weight", [3, 2], W0)], [], Activation.Relu),
            Throws.TypeOf<InputException>().With.Message.Contains("no tensor hidden.0.weight"));
    }

    private static List<(string Name, long[] Shape, float[] Numbers)> Own() =>
    [
        ("hidden.0.weight", [3, 2], W0), ("hidden.0.bias", [3], B0), ("hidden.1.weight", [2, 3], W1), ("hidden.1.bias", [2], B1),
        ("head.weight", [1, 2], Head),
    ];

    private BradleyTerryMlp Load(
        IReadOnlyList<(string, long[], float[])> tensors, Dictionary<string, string> metadata, Activation? activation = null,
        Action<string>? tell = null)
    {
        SafetensorsFile.Write(PathOf("m.safetensors"), tensors, metadata);
        return ModelFile.Load(PathOf("m.safetensors"), activation, tell);
    }

    private static float[] Score(BradleyTerryMlp model, float[] rows, int width)
    {
        using var on = Backend.Open(BackendKind.Cpu);
        using EmbeddingPool pool = EmbeddingPool.FromArray(rows, width);
        return model.Score(on, pool, [.. Enumerable.Range(0, rows.Length / width)]);
    }
}
