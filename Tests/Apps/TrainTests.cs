using FisherKernels.Learning.Models;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>fisher train: exact steps from a given start, and the way from labels to a better model.</summary>
public class TrainTests
{
    [TestCase("train_gelu_d32_h16", "gelu")]
    [TestCase("train_relu_d32_h16", "relu")]
    public void From_a_given_model_it_takes_exactly_the_golden_steps(string name, string activation)
    {
        using var fisher = new Fisher();
        (string embeddings, string pairs, string labels, string start) = Write(fisher, name);
        string end = fisher.PathOf("end.safetensors");

        Said said = Fisher.Do(
            "train", "--embeddings", embeddings, "--pairs", pairs, "--labels", labels, "--init", start, "--activation", activation,
            "--steps", "10", "--batch", "all", "--validation", "0", "--standardise", "off", "--lr", "0.001", "--out", end,
            "--device", "cpu", "--json");

        double[] losses = [.. said.Json.GetProperty("losses").EnumerateArray().Select(loss => loss.GetDouble())];
        Assert.That(losses, Is.EqualTo(Fisher.Read(Fisher.Golden(name, "loss_history"))[..10]).Within(2e-6), "float32 network");
        SafetensorsFile trained = SafetensorsFile.Read(end);
        for (int layer = 1; layer <= 4; layer++)
        {
            string tensor = layer < 4 ? $"hidden.{layer - 1}.weight" : "head.weight";
            double[] want = Fisher.Read(Fisher.Golden(name, $"w{layer}_step10")), before = Fisher.Read(Fisher.Golden(name, $"w{layer}"));

            // Ten steps of 1e-3 move a weight by up to 1e-2; Adam divides by the gradient's size, so a gradient near 0
            // turns its float32 rounding into a part of a step. Half a step, and a hundredth on the average.
            double[] off = [.. trained.Singles(tensor).Zip(want).Select(entry => Math.Abs(entry.First - entry.Second))];
            Assert.That(off.Max(), Is.LessThan(5e-4), tensor);
            Assert.That(off.Average(), Is.LessThan(1e-5), tensor);
            Assert.That(want.Zip(before)
                .Max(entry => Math.Abs(entry.First - entry.Second)), Is.GreaterThan(5e-3), "the steps move weights");
        }
    }

    [Test]
    public void No_steps_give_the_model_back_bit_for_bit()
    {
        const string Name = "train_gelu_d32_h16";
        using var fisher = new Fisher();
        (string embeddings, string pairs, string labels, string start) = Write(fisher, Name);
        string end = fisher.PathOf("end.safetensors");

        Fisher.Do("train", "--embeddings", embeddings, "--pairs", pairs, "--labels", labels, "--init", start, "--activation", "gelu",
            "--steps", "0", "--validation", "0", "--device", "cpu", "--out", end);

        BradleyTerryMlp one = ModelFile.Load(start, FisherKernels.Kernels.Activation.Gelu), two = ModelFile.Load(end);
        Assert.That(two.Weight(0).ToArray(), Is.EqualTo(one.Weight(0).ToArray()));
        Assert.That(two.Head.ToArray(), Is.EqualTo(one.Head.ToArray()));
    }

    [TestCase("all")]
    [TestCase("16")]
    public void It_learns_a_linear_reward_and_the_same_seed_gives_the_same_file(string batch)
    {
        using var fisher = new Fisher();
        (string embeddings, string pairs, string labels) = LinearReward(fisher);
        string[] command =
        [
            "train", "--embeddings", embeddings, "--pairs", pairs, "--labels", labels, "--batch", batch, "--hidden", "16,8", "--steps",
            "300",
            "--lr", "0.01", "--seed", "3", "--device", "cpu", "--json", "--out",
        ];

        Said one = Fisher.Do([.. command, fisher.PathOf("one.safetensors")]);
        Fisher.Do([.. command, fisher.PathOf("two.safetensors"), "--threads", "1"]);

        Assert.That(one.Json.GetProperty("held_out_loss").GetDouble(), Is.LessThan(0.4), "chance is 0.693");
        Assert.That(File.ReadAllBytes(fisher.PathOf("two.safetensors")), Is.EqualTo(File.ReadAllBytes(fisher.PathOf("one.safetensors"))));
    }

    [Test]
    public void A_learning_rate_that_diverges_is_an_error_and_writes_nothing()
    {
        using var fisher = new Fisher();
        (string embeddings, string pairs, string labels) = LinearReward(fisher);

        Said said = Fisher.Run(
            "train", "--embeddings", embeddings, "--pairs", pairs, "--labels", labels, "--lr", "1e30", "--device", "cpu", "--out",
            fisher.PathOf("m.safetensors"));

        Assert.That(said.Code, Is.EqualTo(1));
        Assert.That(said.Error, Does.Contain("no longer finite").And.Contain("learning rate"));
        Assert.That(File.Exists(fisher.PathOf("m.safetensors")), Is.False);
    }

    /// <summary>60 responses of width 5 in 6 prompts; the reward is their first column.</summary>
    internal static (string Embeddings, string Pairs, string Labels) LinearReward(Fisher fisher)
    {
        var random = new FisherKernels.Learning.SeededRandom(1);
        float[] psi = [.. Enumerable.Range(0, 300).Select(_ => (float)(4 * random.NextUniform() - 2))];
        (int First, int Second)[] pairs =
            [.. Enumerable.Range(0, 200).Select(_ => (random.NextBelow(60), random.NextBelow(60))).Where(pair => pair.Item1 != pair.Item2)];
        return (
            fisher.Write("psi.npy", psi, 6, 10, 5),
            fisher.Write<int>("pairs.npy", [.. pairs.SelectMany(pair => new[] { pair.First, pair.Second })], pairs.Length, 2),
            fisher.Write<float>(
                "labels.npy", [.. pairs.Select(pair => psi[pair.First * 5] > psi[pair.Second * 5] ? 1f : 0f)], pairs.Length));
    }

    private static (string Embeddings, string Pairs, string Labels, string Start) Write(Fisher fisher, string name)
    {
        float[] x1 = Fisher.Singles(Fisher.Golden(name, "x1")), x2 = Fisher.Singles(Fisher.Golden(name, "x2"));
        float[] y = Fisher.Singles(Fisher.Golden(name, "y"));
        int n = y.Length, inputs = x1.Length / n;
        var tensors = new List<(string, long[], float[])>();
        for (int layer = 1; layer <= 4; layer++)
        {
            float[] weight = Fisher.Singles(Fisher.Golden(name, $"w{layer}"));
            long columns = layer == 1 ? inputs : Fisher.Singles(Fisher.Golden(name, $"b{layer - 1}")).Length;
            tensors.Add((layer < 4 ? $"hidden.{layer - 1}.weight" : "head.weight", [weight.Length / columns, columns], weight));
            if (layer < 4)
            {
                float[] bias = Fisher.Singles(Fisher.Golden(name, $"b{layer}"));
                tensors.Add(($"hidden.{layer - 1}.bias", [bias.Length], bias));
            }
        }

        // As Python's safetensors would write it: no metadata of ours.
        SafetensorsFile.Write(fisher.PathOf("start.safetensors"), tensors, new Dictionary<string, string>());
        return (
            fisher.Write<float>("x.npy", [.. x1, .. x2], 2 * n, inputs),
            fisher.Write<long>("pairs.npy", [.. Enumerable.Range(0, n).SelectMany(i => new long[] { i, n + i })], n, 2),
            fisher.Write("y.npy", y, n),
            fisher.PathOf("start.safetensors"));
    }
}
