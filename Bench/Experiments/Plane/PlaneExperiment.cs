using FisherKernels.Experiments.Loop;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Metrics;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Bench.Experiments.Plane;

/// <summary>What decides the numbers of the plane.</summary>
/// <param name="Seed">Of everything drawn.</param>
/// <param name="Rounds">Batches asked; the first at random, there being no model yet.</param>
/// <param name="Points">New ones each round.</param>
/// <param name="Candidates">Pairs drawn from all pairs of the round's points.</param>
/// <param name="Batch">Pairs chosen among them.</param>
internal sealed record PlaneSettings(int Seed, int Rounds, int Points, int Candidates, int Batch)
{
    public static PlaneSettings Usual { get; } = new(Seed: 1, Rounds: 4, Points: 1000, Candidates: 20_000, Batch: 200);
}

/// <summary>One round of one strategy.</summary>
/// <param name="ChosenBy">The strategy that chose, random in the first round.</param>
/// <param name="Pairs">Rows of the points of all rounds.</param>
/// <param name="Grid">The reward learned after the round, on <see cref="Plane.Grid"/>.</param>
/// <param name="Measures">The numbers behind the picture.</param>
internal sealed record PlaneRound(string ChosenBy, Pair[] Pairs, float[] Grid, PlaneMeasures Measures);

/// <summary>The numbers behind the picture.</summary>
/// <param name="DistinctShare">Distinct points in the batch over twice its pairs: 1 where no point is asked twice.</param>
/// <param name="BusiestPoint">Pairs of the batch that its most compared point is in.</param>
/// <param name="InBusyPoints">Share of the pairs that hold a point of five pairs or more.</param>
/// <param name="GoldenGap">Mean |r*[a] − r*[b]|.</param>
/// <param name="GapAmongCandidates">Mean share of the candidates whose learned reward gap is smaller, by the model that chose: ½
/// for random pairs, 0 for level sets, 1 for extremes; NaN without a model.</param>
/// <param name="Length">Mean distance of a pair's two points.</param>
/// <param name="FromOrigin">Mean distance of the chosen points from the origin, each counted in each of its pairs.</param>
/// <param name="OneMinusSpearman">1 − ρ after the round on 2,000 further points from the standard normal.</param>
/// <param name="TrainingSteps">Steps behind the parameters kept.</param>
internal sealed record PlaneMeasures(
    double DistinctShare,
    int BusiestPoint,
    double InBusyPoints,
    double GoldenGap,
    double GapAmongCandidates,
    double Length,
    double FromOrigin,
    double OneMinusSpearman,
    int TrainingSteps);

/// <summary>The rounds of one strategy.</summary>
internal sealed record PlaneRun(Strategy Strategy, IReadOnlyList<PlaneRound> Rounds);

/// <summary>The loop on the plane. Points, candidates, the first batch and the answer to a pair are the same for every strategy.</summary>
internal sealed class PlaneExperiment
{
    /// <summary>What the picture shows: [−Reach, Reach]², a pixel for each of Side × Side squares.</summary>
    public const double Reach = 3.75;
    public const int Side = 190;

    // Names of random streams, apart from those of the library.
    private const int PointStream = 101, CandidateStream = 102, TrainingStream = 103, HeldOutStream = 104;
    private const int HeldOutPoints = 2000, Busy = 5;

    private readonly PlaneSettings _settings;
    private readonly Pair[][] _candidates;
    private readonly double[] _golden;
    private readonly float[] _heldOut;

    public PlaneExperiment(PlaneSettings settings)
    {
        _settings = settings;
        float[][] rounds = [.. Enumerable.Range(0, settings.Rounds)
            .Select(round => Plane.Points(settings.Points, new SeededRandom(settings.Seed, PointStream, round)))];
        Points = [.. rounds.SelectMany(points => points)];
        _golden = [.. Plane.Rewards(Points).Select(reward => (double)reward)];
        _heldOut = Plane.Points(HeldOutPoints, new SeededRandom(settings.Seed, HeldOutStream));
        _candidates = [.. rounds.Select((points, round) => Draw(points, round))];
    }

    /// <summary>Of all rounds, [Rounds·Points, 2].</summary>
    public float[] Points { get; }

    /// <summary>Runs one strategy.</summary>
    public async Task<PlaneRun> RunAsync(Backend backend, Strategy strategy, Action<int> report, CancellationToken cancellation)
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(Points, 2), grid = EmbeddingPool.FromArray(Plane.Grid(Side, Reach), 2);
        using EmbeddingPool heldOut = EmbeddingPool.FromArray(_heldOut, 2);
        var annotator = new GoldenAnnotator(_golden, _settings.Seed);
        var training = new TrainingOptions { Hidden = [16, 16, 16], Standardise = false };
        var shape = new MlpShape(2, training.Hidden, training.Activation);
        var asked = new List<Comparison>();
        var rounds = new List<PlaneRound>();
        BradleyTerryMlp? model = null;
        for (int round = 0; round < _settings.Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            Pair[] candidates = _candidates[round];
            Strategy chooser = model is null ? Strategy.Parse("random") : strategy;
            var query = new PairQuery
            {
                Backend = backend,
                Pool = pool,
                Model = model,
                Candidates = PoolCandidates.List(candidates),
                Labelled = asked,
                Strategy = chooser,
                Count = _settings.Batch,
                Random = new SeededRandom(_settings.Seed, Purpose.Selection, round),
            };
            Batch batch = query.Select(cancellation);
            Pair[] pairs = batch.Pairs;
            double amongCandidates = model is null ? double.NaN : GapAmongCandidates(backend, pool, model, candidates, batch.Indices);
            asked.AddRange(await annotator.CompareAsync(pairs, cancellation).ConfigureAwait(false));
            int seed = (int)new SeededRandom(_settings.Seed, TrainingStream, round).NextBits();
            TrainingResult trained = Trainer.Fit(
                backend, pool, [.. asked], BradleyTerryMlp.Untrained(shape, null, seed), training with { Seed = seed }, null, cancellation);
            model = trained.Model;
            rounds.Add(new PlaneRound(
                chooser.Name, pairs, Score(backend, grid, model),
                Measure(pairs, amongCandidates, Score(backend, heldOut, model), trained.Steps)));
            report(round);
        }

        return new PlaneRun(strategy, rounds);
    }

    private static float[] Score(Backend backend, EmbeddingPool pool, BradleyTerryMlp model) =>
        model.Score(backend, pool, [.. Enumerable.Range(0, pool.Responses)]);

    // A learned reward has no unit of its own from round to round; a place among the candidates compares across models.
    private static double GapAmongCandidates(Backend backend, EmbeddingPool pool, BradleyTerryMlp model, Pair[] candidates, int[] chosen)
    {
        float[] r = Score(backend, pool, model);
        float[] gaps = [.. candidates.Select(pair => Math.Abs(r[pair.First] - r[pair.Second]))], sorted = [.. gaps.Order()];
        return chosen.Average(i => (double)Array.FindIndex(sorted, gap => gap >= gaps[i]) / sorted.Length);
    }

    private Pair[] Draw(float[] points, int round)
    {
        using EmbeddingPool pool = EmbeddingPool.FromArray(points, 2);
        int start = round * _settings.Points;
        return [.. DrawnCandidates.Draw(
                pool, new CandidateOptions { Pairs = _settings.Candidates }, new HashSet<Pair>(),
                new SeededRandom(_settings.Seed, CandidateStream, round)).Pairs
            .Select(pair => new Pair(start + pair.First, start + pair.Second))];
    }

    private PlaneMeasures Measure(Pair[] pairs, double amongCandidates, float[] heldOut, int steps)
    {
        Dictionary<int, int> uses = pairs.SelectMany(pair => (int[])[pair.First, pair.Second]).CountBy(point => point).ToDictionary();
        return new PlaneMeasures(
            uses.Count / (2.0 * pairs.Length),
            uses.Values.Max(),
            pairs.Count(pair => Math.Max(uses[pair.First], uses[pair.Second]) >= Busy) / (double)pairs.Length,
            pairs.Average(pair => Math.Abs(_golden[pair.First] - _golden[pair.Second])),
            amongCandidates,
            pairs.Average(
                pair => Distance(
                    Points[2 * pair.First] - Points[2 * pair.Second], Points[2 * pair.First + 1] - Points[2 * pair.Second + 1])),
            pairs.Average(pair => (FromOrigin(pair.First) + FromOrigin(pair.Second)) / 2),
            1 - RankCorrelation.Spearman(heldOut, Plane.Rewards(_heldOut)),
            steps);

        double FromOrigin(int point) => Distance(Points[2 * point], Points[2 * point + 1]);

        static double Distance(double x, double y) => Math.Sqrt(x * x + y * y);
    }
}
