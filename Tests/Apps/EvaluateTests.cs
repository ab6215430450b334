using System.Text.Json;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>fisher evaluate: prompts of any sizes, what people said, and that every figure says what it is of.</summary>
public class EvaluateTests
{
    [Test]
    public void Prompts_of_different_sizes_in_any_order()
    {
        using var fisher = new Fisher();
        string model = Identity(fisher), psi = fisher.Write<float>("psi.npy", [1, 2, 3, 4, 5, 6], 6, 1);
        string rewards = fisher.Write<double>("r.npy", [1, 0, 2, 0, 3, 9], 6), ids = fisher.Write<long>("ids.npy", [8, 5, 8, 5, 8, 2], 6);

        JsonElement found =
            Fisher.Do("evaluate", "--embeddings", psi, "--prompt-ids", ids, "--rewards", rewards, "--model", model, "--best-of", "1,2,3",
            "--json").Json;

        Assert.That(found.GetProperty("prompts").GetInt32(), Is.EqualTo(3));
        Assert.That(found.GetProperty("one_prompt_assumed").GetBoolean(), Is.False);
        Assert.That(found.GetProperty("spearman").GetDouble(), Is.EqualTo(1), "the only prompt with an order");
        Assert.That(found.GetProperty("best_of_n").GetProperty("2").GetDouble(), Is.EqualTo(((2 + 3 + 3) / 3.0 + 0) / 2).Within(1e-12));
        Assert.That(found.GetProperty("best_of_n_prompts").GetProperty("3").GetInt32(), Is.EqualTo(1));
        Assert.That(found.GetProperty("pairs").GetInt32(), Is.EqualTo(4));
    }

    [Test]
    public void Embeddings_without_prompts_are_named_as_one_and_rewards_with_other_ones_refused()
    {
        using var fisher = new Fisher();
        string model = Identity(fisher), psi = fisher.Write<float>("psi.npy", [1, 2, 3, 4], 4, 1);
        string[] command = ["evaluate", "--embeddings", psi, "--model", model, "--rewards"];

        Said one = Fisher.Do([.. command, fisher.Write<double>("r.npy", [1, 2, 3, 4], 4)]);
        Said two = Fisher.Run([.. command, fisher.Write<double>("two.npy", [1, 2, 3, 4], 2, 2)]);

        Assert.That(one.Error, Does.Contain("4 responses are taken as one prompt"));
        Assert.That((two.Code, two.Error), Is.EqualTo((2, two.Error)));
        Assert.That(two.Error, Does.Contain("two.npy").And.Contain("(2, 2)"));
        Fisher.Do([.. command, fisher.PathOf("two.npy"), "--prompt-ids", fisher.Write<long>("ids.npy", [0, 0, 1, 1], 4)]);
    }

    [Test]
    public void What_people_said_with_an_interval()
    {
        using var fisher = new Fisher();
        string model = Identity(fisher), psi = fisher.Write<float>("psi.npy", [3, 2, 2, 1, float.NaN], 5, 1);
        string pairs = fisher.Write<long>("p.npy", [0, 1, 1, 0, 1, 2, 3, 0, 1, 3], 5, 2),
            labels = fisher.Write<float>("l.npy", [1, 0, 1, 1, 0.5f], 5);
        string[] command = ["evaluate", "--embeddings", psi, "--model", model, "--pairs", pairs, "--labels", labels];

        JsonElement found = Fisher.Do([.. command, "--json"]).Json;

        Assert.That(found.GetProperty("comparisons").GetInt32(), Is.EqualTo(5));
        Assert.That(found.GetProperty("pairs").GetInt32(), Is.EqualTo(4));
        Assert.That(found.GetProperty("accuracy").GetDouble(), Is.EqualTo(3.0 / 5).Within(1e-12));
        Assert.That(found.GetProperty("accuracy_low").GetDouble(), Is.InRange(0.05, 0.6));
        Assert.That(found.GetProperty("accuracy_high").GetDouble(), Is.InRange(0.6, 1));
        Assert.That(Fisher.Do(command).Out, Does.Contain("95 % interval"));
    }

    [TestCase("--winners goes with --rewards", "--winners")]
    [TestCase("--best-of goes with --rewards", "--best-of", "2")]
    [TestCase("--prompt-ids goes with --rewards", "--prompt-ids", "p.npy")]
    [TestCase("measure one at a time", "--rewards", "r.npy")]
    public void Options_that_would_do_nothing_are_refused(string message, params string[] more)
    {
        using var fisher = new Fisher();
        string model = Identity(fisher), psi = fisher.Write<float>("psi.npy", [3, 2], 2, 1);
        string[] command =
        [
            "evaluate", "--embeddings", psi, "--model", model, "--pairs", fisher.Write<long>("p.npy", [0, 1], 1, 2), "--labels",
            fisher.Write<float>("l.npy", [1], 1),
        ];

        Said said = Fisher.Run([.. command, .. more]);

        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Error, Does.Contain(message));
        Assert.That(Fisher.Run([.. command[..^2]]).Error, Does.Contain("--pairs is given without --labels"));
        Assert.That(Fisher.Run([.. command[..5]]).Error, Does.Contain("nothing to measure against"));
    }

    [Test]
    public void Winners_are_certain_and_a_sample_is_called_one()
    {
        using var fisher = new Fisher();
        string model = Identity(fisher), chosen = fisher.Write<float>("psi.npy", [30, 1, 25, 3], 2, 2, 1),
            rewards = fisher.Write<double>("r.npy", [1, 0, 1, 0], 2, 2);
        string many = fisher.Write<float>("many.npy", [.. Enumerable.Range(0, 100).Select(i => (float)i)], 1, 100, 1);
        string ranks = fisher.Write<double>("ranks.npy", [.. Enumerable.Range(0, 100).Select(i => (double)i)], 1, 100);

        JsonElement hard =
            Fisher.Do("evaluate", "--embeddings", chosen, "--rewards", rewards, "--model", model, "--winners", "--json").Json;
        JsonElement sample = Fisher.Do("evaluate", "--embeddings", many, "--rewards", ranks, "--model", model, "--json").Json;

        Assert.That(hard.GetProperty("log_loss").GetDouble(), Is.LessThan(1e-8));
        Assert.That(hard.GetProperty("pairs_are_sample").GetBoolean(), Is.False);
        Assert.That(sample.GetProperty("pairs").GetInt32(), Is.EqualTo(2000));
        Assert.That(sample.GetProperty("all_pairs").GetInt32(), Is.EqualTo(4950));
        Assert.That(sample.GetProperty("pairs_are_sample").GetBoolean());
        Assert.That(Fisher.Do("evaluate", "--embeddings", many, "--rewards", ranks, "--model", model).Out,
            Does.Contain("2000, a sample of 4950"));
    }

    [Test]
    public void What_cannot_be_counted_is_a_dash_and_null_and_a_model_without_an_order_is_named()
    {
        using var fisher = new Fisher();
        string model = Identity(fisher), psi = fisher.Write<float>("psi.npy", [3, 3], 2, 1, 1),
            rewards = fisher.Write<double>("r.npy", [1, 2], 2, 1);
        string[] command = ["evaluate", "--embeddings", psi, "--rewards", rewards, "--model", model];

        Said table = Fisher.Do(command);

        Assert.That(table.Out, Does.Contain("–").And.Not.Contain("NaN"));
        Assert.That(table.Error, Does.Contain("gives all 2 responses the reward 3"));
        Assert.That(Fisher.Do([.. command, "--json"]).Json.GetProperty("accuracy").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void An_activation_that_the_file_does_not_say_is_assumed_aloud_or_named()
    {
        using var fisher = new Fisher();
        string model = Identity(fisher, []), psi = fisher.Write<float>("psi.npy", [-3, 3], 1, 2, 1),
            rewards = fisher.Write<double>("r.npy", [1, 2], 1, 2);
        string[] evaluate = ["evaluate", "--embeddings", psi, "--rewards", rewards, "--model", model];
        string[] select =
            ["select", "--embeddings", psi, "--rule", "entropy", "--batch", "1", "--out", fisher.PathOf("s.npy"), "--model", model];
        Assert.That(Fisher.Do([.. evaluate, "--json"]).Json.GetProperty("activation").GetString(), Is.EqualTo("gelu"));
        foreach (string[] command in new[] { evaluate, select })
        {
            Assert.That(Fisher.Do(command).Error,
                Does.Contain("does not record the activation of its hidden layers: gelu is assumed. --activation says another."));
            Assert.That(Fisher.Do([.. command, "--activation", "relu"]).Error, Does.Not.Contain("assumed"));
        }
    }

    // The reward is the only column, as long as it is not negative.
    private static string Identity(Fisher fisher, Dictionary<string, string>? metadata = null)
    {
        SafetensorsFile.Write(
            fisher.PathOf("id.safetensors"),
            [("hidden.0.weight", [1, 1], [1]), ("hidden.0.bias", [1], [0]), ("head.weight", [1, 1], [1])],
            metadata ?? new() { ["activation"] = "relu" });
        return fisher.PathOf("id.safetensors");
    }
}
