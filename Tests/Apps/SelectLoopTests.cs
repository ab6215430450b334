using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>fisher select in a loop: it sees the whole pool, says how much of it was drawn, and asks nothing that has no answer.</summary>
public class SelectLoopTests
{
    [Test]
    public void Each_round_draws_other_prompts_and_the_rounds_reach_every_pair()
    {
        using var pool = new SelectPool();
        var asked = new List<(long First, long Second)>();
        var prompts = new List<long[]>();
        while (asked.Count < SelectPool.Pairs)
        {
            string labelled = pool.Listed("labelled.npy", [.. asked]);
            Said said = pool.Select("--rule", "random", "--labelled", labelled, "--prompts", "5", "--batch", "18", "--json");
            Assert.That(said.Code, Is.Zero, said.Error);
            (long First, long Second)[] batch = SelectTests.Pairs(pool.Out);
            Assert.That((batch.Length, batch.Intersect(asked).Count()), Is.EqualTo((18, 0)));
            Assert.That(said.Json.GetProperty("prompts").GetInt32(), Is.EqualTo(SelectPool.Prompts));
            int drawn = said.Json.GetProperty("prompts_drawn").GetInt32();
            Assert.That(said.Error.Contains($"{drawn} of 30 prompts drawn; --prompts N takes more"), Is.EqualTo(drawn < 30), said.Error);
            prompts.Add([.. batch.Select(pair => pair.First / SelectPool.PerPrompt).Distinct().Order()]);
            asked.AddRange(batch);
        }

        Assert.That(asked, Is.Unique);
        Assert.That(prompts.Take(3).Select(each => string.Join(",", each)), Is.Unique);
    }

    [Test]
    public void The_draw_depends_on_which_pairs_are_labelled_and_not_on_how_they_are_listed()
    {
        using var pool = new SelectPool();
        string one = pool.Listed("one.npy", (0, 1), (4, 6), (9, 8)), same = pool.Listed("same.npy", (8, 9), (1, 0), (4, 6), (0, 1)),
            other = pool.Listed("other.npy", (0, 1), (4, 7));
        (long, long)[] Chosen(string labelled, params string[] more) =>
            pool.Chosen(["--rule", "random", "--prompts", "5", "--batch", "10", "--labelled", labelled, .. more]);

        Assert.That(Chosen(same), Is.EqualTo(Chosen(one)));
        Assert.That(Chosen(other), Is.Not.EqualTo(Chosen(one)));
        Assert.That(Chosen(one, "--seed", "2"), Is.Not.EqualTo(Chosen(one)));
    }

    [Test]
    public void More_prompts_are_drawn_for_a_batch_that_the_asked_for_ones_do_not_hold()
    {
        using var pool = new SelectPool();
        Assert.That(pool.Chosen("--rule", "padopt", "--prompts", "2", "--batch", "100"), Has.Length.EqualTo(100).And.Unique);
        Said said = pool.Select("--prompts", "2", "--batch", "181");
        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Error,
            Does.Contain("--batch is 181, but there are 180 candidates in all prompts together").And.Contain("--scope cross-prompt"));
    }

    [Test]
    public void And_for_one_of_few_pairs_a_prompt()
    {
        using var pool = new SelectPool();
        Assert.That(pool.Chosen("--rule", "padopt+greedy", "--prompts", "5", "--batch", "28", "--per-prompt", "1"), Has.Length.EqualTo(28));
        Said said = pool.Select("--rule", "padopt", "--prompts", "5", "--batch", "31", "--per-prompt", "1");
        Assert.That((said.Code, said.Error), Is.EqualTo((0, "fisher: the limits were kept while the best pairs were taken one after the "
            + "other: 30 of the 31 that --batch asks for were found. Another choice may hold more.\n")));
    }

    [Test]
    public void What_must_not_be_asked_takes_no_place_among_the_candidates()
    {
        using var pool = new SelectPool();
        string barred = pool.Listed("barred.npy", [.. Enumerable.Range(0, 29).SelectMany(prompt => Within(prompt))]);
        Assert.That(pool.Chosen("--rule", "random", "--prompts", "1", "--must-not", barred, "--batch", "6"), Is.EquivalentTo(Within(29)));
        Assert.That(pool.Select("--rule", "random", "--must-not", barred, "--batch", "7").Error, Does.Contain("there are 6 candidates"));
    }

    [TestCase("random")]
    [TestCase("entropy")]
    [TestCase("entropy+sample")]
    [TestCase("badge")]
    [TestCase("padopt")]
    public void Nobody_is_asked_to_compare_equal_answers(string rule)
    {
        // The second answer of ten prompts is the first once more.
        using var pool = Copied();
        Said said = pool.Select("--rule", rule, "--batch", "170", "--json");
        Assert.That(said.Code, Is.Zero, said.Error);
        Assert.That(SelectTests.Pairs(pool.Out).Where(IsCopy), Is.Empty);
        Assert.That(said.Json.GetProperty("identical_left_out").GetInt32(), Is.EqualTo(10));
        Assert.That(said.Error, Does.Contain("left out: 10 pairs whose two responses have the same embedding"));
        Assert.That(pool.Select("--rule", rule, "--batch", "171").Error, Does.Contain("there are 170 candidates").And.Contain("10 pairs"));
    }

    [TestCase("padopt")]
    [TestCase("padopt+greedy")]
    [TestCase("padopt+exchange")]
    public void Nor_where_every_pair_is_looked_at(string rule)
    {
        using var pool = Copied();
        const int all = SelectPool.Responses * (SelectPool.Responses - 1) / 2;
        string labelled = pool.Listed("labelled.npy", (0, 1), (5, 2), (2, 5));
        Said said = pool.Select("--every-pair", "--rule", rule, "--labelled", labelled, "--batch", "60", "--json");
        Assert.That(said.Code, Is.Zero, said.Error);
        Assert.That(said.Json.GetProperty("candidates").GetInt32(), Is.EqualTo(all - 10 - 1), "one of the two labelled pairs is a copy's");
        Assert.That(SelectTests.Pairs(pool.Out).Where(IsCopy), Is.Empty);
        Assert.That(pool.Chosen("--every-pair", "--rule", "padopt", "--batch", $"{all - 10}").Where(IsCopy), Is.Empty);
    }

    [Test]
    public void Listed_pairs_of_equal_answers_are_left_out_and_cannot_be_demanded()
    {
        using var pool = Copied();
        string listed = pool.Listed("listed.npy", (0, 1), (0, 2), (4, 5), (5, 6)), must = pool.Listed("must.npy", (8, 10), (9, 8));
        Assert.That(pool.Chosen("--rule", "entropy", "--pairs", listed, "--batch", "2"), Is.EquivalentTo(new[] { (0L, 2L), (5L, 6L) }));
        Said said = pool.Select("--rule", "random", "--must", must, "--batch", "5");
        Assert.That((said.Code, said.Error.Contains("pair 1 is (9, 8), two responses with the same embedding")), Is.EqualTo((2, true)),
            said.Error);
    }

    [Test]
    public void A_response_that_is_not_finite_is_no_candidate_and_cannot_be_named()
    {
        using var pool = new SelectPool(psi => psi[5 * SelectPool.Width] = float.NaN);
        foreach (string rule in (string[])["random", "padopt"])
        {
            Said said = pool.Select("--rule", rule, "--batch", $"{SelectPool.Pairs - 3}", "--json");
            Assert.That(said.Code, Is.Zero, said.Error);
            Assert.That(said.Json.GetProperty("responses_left_out").GetInt32(), Is.EqualTo(1));
            Assert.That(SelectTests.Pairs(pool.Out),
                Has.None.Matches<(long First, long Second)>(pair => pair.First == 5 || pair.Second == 5));
        }

        Assert.That(pool.Chosen("--every-pair", "--batch", $"{119 * 118 / 2}").Any(pair => pair.First == 5 || pair.Second == 5), Is.False);
        string named = pool.Listed("named.npy", (4, 6), (7, 5));
        foreach (string option in (string[])["--pairs", "--must", "--labelled"])
        {
            Said said = pool.Select("--rule", "random", option, named, "--batch", "2");
            Assert.That(said.Code, Is.EqualTo(2));
            Assert.That(said.Error,
                Does.Contain("named.npy: pair 1 is (7, 5), but the embedding of row 5 (prompt 1, response 1) is not finite"));
        }
    }

    [Test]
    public void Names_of_batches_share_no_file_and_end_as_they_do_in_NumPy()
    {
        using var pool = new SelectPool();
        foreach (string name in (string[])["batch.1", "batch.2", "next.npy", "plain", "x.jsonl"])
        {
            Fisher.Do("select", "--embeddings", pool.Embeddings, "--rule", "random", "--batch", "3", "--device", "cpu", "--out",
                pool.PathOf(name));
        }

        string[] files =
            [.. Directory.GetFiles(Path.GetDirectoryName(pool.Out)!).Select(Path.GetFileName)
            .Where(name => name is not ("psi.npy" or "model.safetensors"))!];
        Assert.That(files, Is.EquivalentTo(new[]
        {
            "batch.1.npy", "batch.1.jsonl", "batch.2.npy", "batch.2.jsonl", "next.npy", "next.jsonl", "plain.npy", "plain.jsonl",
            "x.jsonl.npy", "x.jsonl.jsonl",
        }));
    }

    [Test]
    public void Lines_say_their_format_and_give_prompts_the_ids_they_came_with()
    {
        using var fisher = new Fisher();
        string flat = fisher.Write("flat.npy", [.. Enumerable.Range(0, 18).Select(j => MathF.Sin(j))], 9, 2);
        string ids = fisher.Write<long>("ids.npy", [905, 905, 905, -17, -17, -17, 1L << 60, 1L << 60, 3], 9);
        Fisher.Do("select", "--embeddings", flat, "--prompt-ids", ids, "--rule", "random", "--batch", "7", "--device", "cpu", "--out",
            fisher.PathOf("s"));

        using NpyFile file = NpyFile.Open(ids);
        var given = new long[9];
        file.ReadInts(0, given);
        foreach (string text in File.ReadLines(fisher.PathOf("s.jsonl")))
        {
            var line = System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(text);
            Assert.That(line.EnumerateObject().Select(part => part.Name),
                Is.EqualTo(new[] { "format", "rank", "first", "second", "first_prompt", "second_prompt", "score" }));
            Assert.That(line.GetProperty("format").GetString(), Is.EqualTo("fisher-pairs/2"));
            Assert.That(line.GetProperty("first_prompt").GetInt64(), Is.EqualTo(given[line.GetProperty("first").GetInt32()]));
            Assert.That(line.GetProperty("second_prompt").GetInt64(), Is.EqualTo(given[line.GetProperty("second").GetInt32()]));
        }
    }

    private static SelectPool Copied() => new(psi =>
    {
        for (int prompt = 0; prompt < 10; prompt++)
        {
            psi.AsSpan(prompt * 16, SelectPool.Width).CopyTo(psi.AsSpan(prompt * 16 + SelectPool.Width));
        }
    });

    private static bool IsCopy((long First, long Second) pair) =>
        pair.First < 40 && pair.First % 4 + pair.Second % 4 == 1 && pair.First / 4 == pair.Second / 4;

    private static (long First, long Second)[] Within(long prompt) =>
        [.. from a in Enumerable.Range(0, 4) from b in Enumerable.Range(a + 1, 3 - a) select (4 * prompt + a, 4 * prompt + b)];
}
