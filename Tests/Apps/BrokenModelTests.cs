using System.Text.Json;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Selection;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>A model that has broken down is named by every rule alike, and where little is known that is said.</summary>
public class BrokenModelTests
{
    private static readonly string[] Rules =
        [.. Strategy.Known.Where(rule => rule.Acquisition.Inputs != Inputs.None && !rule.Acquisition.Reads(Inputs.MaskedRewards))
            .Select(rule => rule.Name), "maxdiff+sample", "entropy+softmax", "padopt+greedy", "dopt+best"];

    [TestCaseSource(nameof(Rules))]
    public void It_is_named_by_every_rule_alike(string rule)
    {
        using var pool = new SelectPool();
        Refused(pool, rule, pool.Save("dead", 1, 1, -1000),
            "dead.safetensors: The model gives all 120 responses of the candidates the same reward, 0");
        Refused(pool, rule, pool.Save("headless", 1, 0, 0), "the same reward, 0");
        Refused(pool, rule, pool.Save("sure", 1, 1e12f, 0), "sure.safetensors: The model has nothing to learn from any answer");
        Refused(pool, rule, pool.Save("over", 1e30f, 1e30f, 0),
            "over.safetensors: The model gives row 0 (prompt 0, response 0) the reward");
        Refused(pool, rule, pool.Save("far", float.MaxValue, 1, float.MaxValue), "features or rewards overflowed");
    }

    [TestCase("padopt")]
    [TestCase("padopt+greedy")]
    [TestCase("padopt+exchange")]
    public void And_where_every_pair_is_looked_at(string rule)
    {
        using var pool = new SelectPool();
        Refused(pool, rule, pool.Save("dead", 1, 1, -1000), "the same reward, 0", "--every-pair");
        Refused(pool, rule, pool.Save("sure", 1, 1e12f, 0), "nothing to learn from any answer", "--every-pair");
        Refused(pool, rule, pool.Save("over", 1e30f, 1e30f, 0), "overflowed", "--every-pair");
    }

    [Test]
    public void What_is_labelled_has_to_be_finite_too()
    {
        using var pool = new SelectPool(psi => psi.AsSpan(0, SelectPool.Width).Fill(3e38f));
        string labelled = pool.Listed("labelled.npy", (0, 4)), pairs = pool.Listed("pairs.npy", (8, 9), (10, 11), (12, 13));
        string wide = pool.Save("wide", 10, 1, 0);
        Assert.That(pool.Select("--model", wide, "--rule", "entropy", "--pairs", pairs, "--labelled", labelled, "--batch", "1").Code,
            Is.Zero);
        File.Delete(pool.Out);
        Refused(pool, "padopt", wide, "row 0 (prompt 0, response 0)", "--pairs", pairs, "--labelled", labelled);
    }

    [Test]
    public void A_rule_without_a_model_does_not_ask_how_it_is()
    {
        using var pool = new SelectPool();
        Assert.That(pool.Chosen("--rule", "random", "--model", pool.Save("dead", 1, 1, -1000), "--batch", "20"), Has.Length.EqualTo(20));
    }

    [Test]
    public void Pairs_that_tell_nothing_by_this_model_are_counted()
    {
        // Nearly every answer is certain by this model, and a few are not.
        using var pool = new SelectPool();
        string sure = pool.Save("sure", 1, 3000, 0);
        Said said = pool.Select("--model", sure, "--rule", "dopt", "--batch", "150", "--json");
        Assert.That(said.Code, Is.Zero, said.Error);
        double[] scores = [.. Lines(pool).Select(line => line.GetProperty("score").GetDouble())];
        int zeros = scores.Count(score => score == 0);
        Assert.That(zeros, Is.InRange(50, 149));
        Assert.That(said.Json.GetProperty("scores_of_zero").GetInt32(), Is.EqualTo(zeros));
        Assert.That(said.Error, Does.Contain($"{zeros} of the 150 pairs have the score 0"));
    }

    [Test]
    public void Of_equal_scores_the_seed_takes_some_whatever_the_order_of_the_file()
    {
        // The last 30 answers of other prompts are copies of two embeddings: 15 pairs with one score.
        using var pool = new SelectPool(psi =>
        {
            for (int row = 2; row < SelectPool.Responses; row++)
            {
                psi.AsSpan(row % 2 * SelectPool.Width, SelectPool.Width).CopyTo(psi.AsSpan(row * SelectPool.Width));
            }
        });
        (long, long)[] pairs = [.. Enumerable.Range(0, 60).Select(k => (2L * k, 2L * k + 1))];
        string listed = pool.Listed("listed.npy", pairs), turned = pool.Listed("turned.npy", [.. pairs.Reverse()]);
        foreach (string rule in (string[])["entropy", "padopt", "dopt+greedy", "badge", "bald", "xtx+exchange", "entropy+sample", "random"])
        {
            (long, long)[] Chosen(string file, string seed) =>
                [.. pool.Chosen("--rule", rule, "--pairs", file, "--batch", "8", "--seed", seed)];
            Assert.That(Chosen(turned, "1"), Is.EqualTo(Chosen(listed, "1")), rule);
            Assert.That(Chosen(listed, "2"), Is.Not.EquivalentTo(Chosen(listed, "1")), rule);
            Assert.That(Chosen(listed, "1"), Is.Not.EquivalentTo(pairs.Take(8)), rule);
        }

        Assert.That(pool.Chosen("--every-pair", "--batch", "8"),
            Is.Not.EquivalentTo(pool.Chosen("--every-pair", "--batch", "8", "--seed", "2")));
    }

    [Test]
    public void A_bound_that_proves_nothing_says_so_and_is_that_of_all_candidates_where_that_is_less()
    {
        // All differences but a few lie in one direction: the best scores miss the others.
        using var pool = new SelectPool(psi =>
        {
            for (int row = 0; row < SelectPool.Responses; row++)
            {
                psi.AsSpan(row * SelectPool.Width, SelectPool.Width).Fill(row % 4 / 4f + 1);
            }

            psi[0] += 1e-3f;
        });
        Said said = pool.Select("--rule", "xtx", "--batch", "1", "--ridge", "1e-12", "--json");
        JsonElement certificate = said.Json.GetProperty("certificate");
        Assert.That(certificate.GetProperty("upper_bound").GetDouble() - certificate.GetProperty("log_det").GetDouble(), Is.LessThan(40));
        Assert.That(pool.Select("--rule", "xtx", "--batch", "1", "--ridge", "1e-12").Out,
            Does.Match("D-efficient|this bound proves nothing"));
    }

    private static void Refused(SelectPool pool, string rule, string model, string sentence, params string[] more)
    {
        Said said = pool.Select(["--model", model, "--rule", rule, "--batch", "2", .. more]);
        Assert.That((said.Code, File.Exists(pool.Out)), Is.EqualTo((1, false)), said.Out + said.Error);
        Assert.That(said.Error, Does.Contain(sentence));
        File.Delete(pool.Out);
    }

    private static IEnumerable<JsonElement> Lines(SelectPool pool) =>
        File.ReadLines(Path.ChangeExtension(pool.Out, ".jsonl")).Select(line => JsonSerializer.Deserialize<JsonElement>(line));
}
