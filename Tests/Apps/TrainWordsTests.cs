using FisherKernels.Kernels;
using FisherKernels.Learning.Models;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>fisher train: what is said of data that are not what they seem, and what a refusal leaves.</summary>
public class TrainWordsTests
{
    private const int Rows = 60, Width = 4;

    [Test]
    public void Rows_columns_and_labels_that_are_odd_are_named_once()
    {
        using var fisher = new Fisher();
        float[] psi = Draw();
        psi[0] = float.NaN;
        psi[3 * Width + 1] = 1e20f;
        for (int row = 0; row < Rows; row++)
        {
            psi[row * Width + 3] = 7;
        }

        psi.AsSpan(4 * Width, Width).CopyTo(psi.AsSpan(5 * Width));

        Said said = Fisher.Do([.. Train(fisher, psi), "--json"]);

        Assert.That(said.Error, Does.Contain("1 of 4 columns do not vary"));
        Assert.That(said.Error, Does.Contain("row 0 has NaN or infinite numbers"));
        Assert.That(said.Error, Does.Contain("row 3 has values far outside all others").And.Contain("No comparison names them"));
        Assert.That(said.Error, Does.Contain("1 of 28 comparisons are between responses whose embeddings are equal"));
        Assert.That(said.Error, Does.Contain("2 of 28 labels lie outside [0, 1] by a rounding error"));
        Assert.That(said.Json.GetProperty("stray_rows")[0].GetInt32(), Is.EqualTo(3));
        Assert.That(said.Json.GetProperty("broken_rows")[0].GetInt32(), Is.Zero);
        Assert.That(said.Json.GetProperty("constant_columns").GetInt32(), Is.EqualTo(1));
        Assert.That(said.Json.GetProperty("identical_comparisons").GetInt32(), Is.EqualTo(1));
        Assert.That(said.Json.GetProperty("held_out_by").GetString(), Is.EqualTo("response"));
    }

    [Test]
    public void A_refused_training_leaves_the_model_that_was_there()
    {
        using var fisher = new Fisher();
        string[] train = Train(fisher, Draw());
        Fisher.Do(train);
        byte[] before = File.ReadAllBytes(fisher.PathOf("m.safetensors"));

        Said said = Fisher.Run([.. train, "--lr", "1000"]);

        Assert.That(said.Code, Is.EqualTo(1));
        Assert.That(said.Error, Does.Contain("broken down").And.Contain("Lower the learning rate"));
        Assert.That(File.ReadAllBytes(fisher.PathOf("m.safetensors")), Is.EqualTo(before));
    }

    [TestCase(1, -1000f)]
    [TestCase(1e20f, 0f)]
    public void A_model_to_start_from_that_has_broken_down_is_named_and_not_the_rate(float weights, float bias)
    {
        using var fisher = new Fisher();
        string[] train = Train(fisher, Draw());
        var model = BradleyTerryMlp.Untrained(new MlpShape(Width, [8], Activation.Relu), null, 2);
        foreach (ref float parameter in model.Parameters.AsSpan())
        {
            parameter *= weights;
        }

        model.Parameters.AsSpan(model.Shape.BiasStart(0), 8).Fill(bias);
        ModelFile.Save(fisher.PathOf("start.safetensors"), model);

        Said said = Fisher.Run([.. train, "--init", fisher.PathOf("start.safetensors")]);

        Assert.That(said.Code, Is.EqualTo(1));
        Assert.That(said.Error,
            Does.Contain("start.safetensors: the model that training starts from has broken down already").And.Not.Contain("earning rate"));
    }

    [Test]
    public void Embeddings_that_float32_or_float64_made_equal_are_said_to_be_that()
    {
        using var fisher = new Fisher();
        string[] train = [.. Train(fisher, Draw()), "--standardise", "off"];
        fisher.Write<double>("psi.npy", [.. Draw().Select(number => number + 1e9)], Rows, Width);
        Assert.That(Fisher.Run(train).Error, Does.Contain("are equal as float32; as they were given, 28 of them differ"));

        fisher.Write<long>("psi.npy", [.. Draw().Select((_, j) => (1L << 60) + j % 7)], Rows, Width);
        Assert.That(Fisher.Run(train).Error, Does.Contain("are equal as float64: the whole numbers lie beyond 2^53"));
        Assert.That(Fisher.Run(train[..^2]).Error, Does.Contain("beyond 2^53"));
    }

    [Test]
    public void No_steps_say_a_loss_and_a_loss_above_chance_is_said()
    {
        using var fisher = new Fisher();
        string[] train = Train(fisher, Draw());
        Assert.That(Fisher.Do([.. train, "--steps", "0"]).Out, Does.Contain("loss 0.").And.Not.Contain("NaN"));

        var random = new FisherKernels.Learning.SeededRandom(3);
        fisher.Write<float>("l.npy", [.. Enumerable.Range(0, 28).Select(_ => (float)random.NextBelow(2))], 28);
        Said[] said = [.. Enumerable.Range(1, 4).Select(seed => Fisher.Do([.. train, "--seed", $"{seed}", "--json", "--steps", "20"]))];
        foreach (Said one in said)
        {
            Assert.That(one.Json.GetProperty("above_chance")
                .GetBoolean(), Is.EqualTo(one.Json.GetProperty("held_out_loss").GetDouble() > Math.Log(2)));
            Assert.That(one.Error.Contains("no better than a coin", StringComparison.Ordinal),
                Is.EqualTo(one.Json.GetProperty("above_chance").GetBoolean()));
        }

        Assert.That(said.Any(one => one.Json.GetProperty("above_chance").GetBoolean()));
    }

    [Test]
    public void Prompts_of_a_flat_file_are_held_out_together_and_what_float32_loses_is_named()
    {
        using var fisher = new Fisher();
        string[] train = Train(fisher, Draw());
        string ids = fisher.Write<long>("ids.npy", [.. Enumerable.Range(0, Rows).Select(row => row / 6L)], Rows);
        Assert.That(Fisher.Do([.. train, "--prompt-ids", ids, "--json"]).Json.GetProperty("held_out_by").GetString(), Is.EqualTo("prompt"));
        Assert.That(Fisher.Do([.. train, "--validation-by", "pair", "--json"]).Json.GetProperty("held_out_by")
            .GetString(), Is.EqualTo("pair"));

        fisher.Write<double>("psi.npy", [.. Draw().Select(number => number + 1e6)], Rows, Width);
        Said off = Fisher.Do([.. train, "--standardise", "off", "--steps", "1", "--lr", "1e-9"]);
        Assert.That(off.Error, Does.Contain("float32 loses more than a hundredth of what 4 of 4 columns vary by"));
        Assert.That(Fisher.Do(train).Error, Does.Not.Contain("float32 loses"));
    }

    // Pairs (4, 5), (6, 7), …: rows 0 to 3 are in none.
    private static string[] Train(Fisher fisher, float[] psi)
    {
        float[] labels = [.. Enumerable.Range(2, 28).Select(i => psi[2 * i * Width] > psi[(2 * i + 1) * Width] ? 1f : 0f)];
        labels[Array.IndexOf(labels, 1)] = 1.0000001f;
        labels[Array.LastIndexOf(labels, 0)] = -1e-8f;
        return
        [
            "train", "--embeddings", fisher.Write("psi.npy", psi, Rows, Width),
            "--pairs", fisher.Write<long>("p.npy", [.. Enumerable.Range(4, 56).Select(row => (long)row)], 28, 2),
            "--labels", fisher.Write("l.npy", labels, 28), "--hidden", "8", "--device", "cpu", "--out", fisher.PathOf("m.safetensors"),
        ];
    }

    private static float[] Draw()
    {
        var random = new FisherKernels.Learning.SeededRandom(8);
        return [.. Enumerable.Range(0, Rows * Width).Select(_ => (float)random.NextNormal())];
    }
}
