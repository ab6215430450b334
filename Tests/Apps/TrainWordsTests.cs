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
            Assert.That(one.Json.GetProperty("above_chance").GetBoolean(), Is.EqualTo(one.Json.GetProperty("held_out_loss").GetDouble() > Math.Log(2)));
            Assert.That(one.Error.Contains("no better than a coin", StringComparison.Ordinal), Is.EqualTo(one.Json.GetProperty("above_chance").GetBoolean()));
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
        Assert.That(Fisher.Do([.. train, "--validation-by", "pair", "--json"]).Json.GetProperty("held_out_by").GetString(), Is.EqualTo("pair"));

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
