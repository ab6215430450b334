using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using FisherKernels.Outside;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>A score and a batch selector that were written against the public API alone choose as our own do.</summary>
public sealed class OutsideStrategyTests
{
    private const int Prompts = 4, PerPrompt = 6, Width = 5, Count = 14;

    private static readonly Strategy Outside = new(new PromisingAcquisition(), new DisjointSelector());

    private readonly Backend _on = Backend.Open(BackendKind.Cpu);

    private readonly EmbeddingPool _pool = EmbeddingPool.FromArray(
        [.. Enumerable.Range(0, Prompts * PerPrompt * Width).Select(j => MathF.Sin(j * j + 1))],
        Width, [.. Enumerable.Range(0, Prompts * PerPrompt).Select(row => (long)(row / PerPrompt))]);

    private readonly BradleyTerryMlp _model =
        BradleyTerryMlp.Untrained(new MlpShape(Width, [4], Activation.Gelu), standardisation: null, seed: 1);

    private static Pair[] WithinPrompts =>
    [
        .. from a in Enumerable.Range(0, Prompts * PerPrompt)
           from b in Enumerable.Range(a + 1, PerPrompt - 1 - a % PerPrompt)
           select new Pair(a, b),
    ];

    private float[] Rewards => _model.Score(_on, _pool, [.. Enumerable.Range(0, Prompts * PerPrompt)]);

    [OneTimeTearDown]
    public void Close()
    {
        _pool.Dispose();
        _on.Dispose();
    }

    [Test]
    public void Its_name_is_that_of_its_halves() => Assert.That(Outside.Name, Is.EqualTo("promising+disjoint"));

    [Test]
    public void A_query_chooses_what_it_says()
    {
        Batch batch = Query(Outside).Select();

        (Pair[] pairs, float[] values) = Expected(WithinPrompts, Count);
        Assert.That(batch.Pairs, Is.EqualTo(pairs));
        Assert.That(batch.Values, Is.EqualTo(values));
        Assert.That(batch.Indices.Select(i => WithinPrompts[i]), Is.EqualTo(pairs));
        Assert.That((batch.Strategy, batch.CandidateCount), Is.EqualTo((Outside.Name, (long)WithinPrompts.Length)));
        Assert.That(batch.Certificate, Is.Null);
    }

    [Test]
    public void A_learner_asks_for_what_it_says()
    {
        var learner = new ActiveLearner(_on, _pool, new SelectionOptions { Strategy = Outside, BatchSize = Count, Seed = 1 });
        learner.Remember([new Comparison(new Pair(0, 1), 1)], _model);

        Batch batch = learner.Query();

        Assert.That(batch.Drawn!.Pairs, Has.Length.GreaterThan(Count).And.None.EqualTo(new Pair(0, 1)));
        Assert.That(batch.Pairs, Is.EqualTo(Expected(batch.Drawn.Pairs, Count).Pairs));
        Assert.That(batch.Strategy, Is.EqualTo(Outside.Name));
    }

    [Test]
    public void Each_half_goes_with_ours()
    {
        float[] r = Rewards;
        Batch top = Query(new Strategy(new PromisingAcquisition())).Select();
        Batch disjoint = Query(new Strategy(Strategy.Parse("maxdiff").Acquisition, new DisjointSelector())).Select();

        Assert.That(top.Pairs, Is.EqualTo(WithinPrompts.OrderByDescending(pair => r[pair.First] + r[pair.Second]).Take(Count)));
        Assert.That(disjoint.Strategy, Is.EqualTo("maxdiff+disjoint"));
        Assert.That(disjoint.Pairs[0], Is.EqualTo(WithinPrompts.MaxBy(pair => Math.Abs(r[pair.First] - r[pair.Second]))));
        Assert.That(disjoint.Pairs.Take(Prompts * PerPrompt / 2).SelectMany(pair => (int[])[pair.First, pair.Second]), Is.Unique);
    }

    [Test]
    public void Limits_that_it_does_not_keep_are_refused() => Assert.That(
        () => (Query(Outside) with { Constraints = new BatchConstraints { PerPrompt = 2 } }).Select(), Throws.TypeOf<InputException>());

    private PairQuery Query(Strategy strategy) => new()
    {
        Backend = _on,
        Pool = _pool,
        Model = _model,
        Candidates = PoolCandidates.List(WithinPrompts),
        Strategy = strategy,
        Count = Count,
        Random = new SeededRandom(1),
    };

    // Six answers to a prompt give three pairs without an answer twice, twelve in all; then come the best of the others.
    private (Pair[] Pairs, float[] Values) Expected(Pair[] candidates, int count)
    {
        float[] r = Rewards;
        Pair[] order = [.. candidates.OrderByDescending(Worth)];
        List<Pair> chosen = [];
        foreach (Pair pair in order)
        {
            if (!chosen.Exists(other => new HashSet<int>([pair.First, pair.Second]).Overlaps([other.First, other.Second])))
            {
                chosen.Add(pair);
            }
        }

        Pair[] batch = [.. chosen.Concat(order.Except(chosen)).Take(count)];
        return (batch, [.. batch.Select(Worth)]);

        float Worth(Pair pair) => r[pair.First] + r[pair.Second];
    }
}
