using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>What is held out was never taught: neither the pair, nor its turned one, nor a copy of it, nor its prompt.</summary>
public class TrainingSplitTests
{
    private const int Rows = 80, Width = 8;

    [TestCase(1, false, false)]
    [TestCase(5, false, false)]
    [TestCase(5, true, false)]
    [TestCase(5, false, true)]
    public void Coin_flips_are_held_out_near_chance_however_often_a_pair_is_judged(int votes, bool turned, bool copied)
    {
        // Rows from Rows on are copies of the first ones.
        float[] psi = Normal(Rows * Width, 1);
        using EmbeddingPool pool = EmbeddingPool.FromArray([.. psi, .. psi], Width);
        var random = new SeededRandom(2);
        var comparisons = new List<Comparison>();
        for (int a = 0; a < Rows; a += 2)
        {
            int coin = random.NextBelow(2);
            for (int vote = 0; vote < votes; vote++)
            {
                int copy = copied && vote % 2 == 1 ? Rows : 0;
                comparisons.Add(turned && vote % 2 == 1
                    ? new Comparison(new Pair(a + 1, a), 1 - coin)
                    : new Comparison(new Pair(a + copy, a + 1 + copy), coin));
            }
        }

        TrainingResult result = Fit(pool, comparisons, new TrainingOptions { Steps = 300 });

        Assert.That(result.HeldOutLoss, Is.InRange(0.6, 0.9));
        Assert.That(result.Split.HeldOut, Is.EqualTo(8 * votes));
        Assert.That((result.Split.Groups, result.Split.HeldOutGroups), Is.EqualTo((40, 8)));
    }

    [Test]
    public void Whole_prompts_are_held_out_where_there_are_several()
    {
        // Each response has a worth of its own that no embedding tells: within a prompt it is learned by heart.
        using EmbeddingPool pool =
            EmbeddingPool.FromArray(Normal(Rows * Width, 3), Width, [.. Enumerable.Range(0, Rows).Select(row => row / 20L)]);
        float[] worth = Normal(Rows, 4);
        Comparison[] comparisons = [.. Within(pool).Select(pair => new Comparison(pair, worth[pair.First] > worth[pair.Second] ? 1 : 0))];

        TrainingResult byPrompt = Fit(pool, comparisons, new TrainingOptions { Steps = 300 });
        TrainingResult byPair = Fit(pool, comparisons, new TrainingOptions { Steps = 300, ValidationBy = ValidationGroup.Pair });

        Assert.That((byPrompt.Split.By, byPrompt.Split.Groups, byPrompt.Split.HeldOutGroups), Is.EqualTo((ValidationGroup.Prompt, 4, 1)));
        Assert.That(byPrompt.HeldOutLoss, Is.GreaterThan(0.65), "other prompts");
        Assert.That(byPair.Split.By, Is.EqualTo(ValidationGroup.Pair));
        Assert.That(byPair.HeldOutLoss, Is.LessThan(0.5), "responses that were seen in other pairs");
    }

    [Test]
    public void Prompts_that_comparisons_link_are_one_group_and_pairs_are_taken_where_all_are_linked()
    {
        using EmbeddingPool pool =
            EmbeddingPool.FromArray(Normal(Rows * Width, 5), Width, [.. Enumerable.Range(0, Rows).Select(row => row / 5L)]);
        Comparison[] chain = [.. Enumerable.Range(0, Rows - 1).Select(row => new Comparison(new Pair(row, row + 1), row % 2))];

        TrainingResult asked = Fit(pool, chain, new TrainingOptions { Steps = 5, ValidationBy = ValidationGroup.Prompt });
        TrainingResult usual = Fit(pool, chain, new TrainingOptions { Steps = 5 });

        Assert.That((asked.Split.Groups, asked.Split.HeldOut), Is.EqualTo((1, 0)));
        Assert.That(asked.HeldOutLoss, Is.NaN);
        Assert.That((usual.Split.By, usual.Split.Groups, usual.Split.HeldOut), Is.EqualTo((ValidationGroup.Pair, Rows - 1, 16)));
    }

    [Test]
    public void A_single_pair_holds_nothing_out_and_two_pairs_one()
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(Normal(4 * Width, 6), Width);
        Comparison[] votes = [new(new Pair(0, 1), 1), new(new Pair(1, 0), 0), new(new Pair(0, 1), 1)];

        Assert.That(Fit(pool, votes, new TrainingOptions { Steps = 5 }).Split,
            Is.EqualTo(new TrainingSplit(ValidationGroup.Pair, 1, 0, 3, 0)));
        Assert.That(
            Fit(pool, [.. votes, new(new Pair(2, 3), 1)], new TrainingOptions { Steps = 5 }).Split,
            Is.EqualTo(new TrainingSplit(ValidationGroup.Response, 2, 1, 3, 1)));
    }

    [Test]
    public void The_share_is_reached_as_closely_as_groups_allow_and_the_seed_draws_them([Values(0.1, 0.25, 0.5, 0.9)] double share)
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(Normal(Rows * Width, 7), Width);
        Comparison[] comparisons =
            [.. Enumerable.Range(0, Rows / 2)
                .SelectMany(pair => Enumerable.Repeat(new Comparison(new Pair(2 * pair, 2 * pair + 1), pair % 2), 1 + pair % 4))];

        TrainingSplit[] splits =
            [.. Enumerable.Range(0, 6)
            .Select(seed => Fit(pool, comparisons, new TrainingOptions { Steps = 1, Validation = share, Seed = seed }).Split)];

        Assert.That(splits.Select(split => split.HeldOut), Is.All.InRange(share * comparisons.Length - 2, share * comparisons.Length + 2));
        Assert.That(splits.Select(split => split.Taught + split.HeldOut), Is.All.EqualTo(comparisons.Length));
    }

    private static List<Pair> Within(EmbeddingPool pool)
    {
        var pairs = new List<Pair>();
        for (int prompt = 0; prompt < pool.Prompts; prompt++)
        {
            int[] rows = pool.ResponsesOf(prompt).ToArray();
            pairs.AddRange(rows.SelectMany((a, i) => rows.Skip(i + 1).Select(b => new Pair(a, b))));
        }

        return pairs;
    }

    private static TrainingResult Fit(EmbeddingPool pool, IReadOnlyList<Comparison> comparisons, TrainingOptions options)
    {
        using var on = Backend.Open(BackendKind.Cpu);
        BradleyTerryMlp start =
            BradleyTerryMlp.Untrained(new MlpShape(pool.Dimension, [32, 32], Activation.Gelu), Standardisation.FromPool(pool), 1);
        return Trainer.Fit(on, pool, [.. comparisons], start, options);
    }

    private static float[] Normal(int count, int seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }
}
